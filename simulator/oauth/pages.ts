import type { PortalDescription } from '../data/portals'

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

const style = `
:root {
  color-scheme: light dark; --ink: #21313f; --soft: #56697a; --line: #cbd6e2; --page: #f5f8fa;
  --card: #fff; --accent: #c2410c; --on-accent: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8eef3; --soft: #a9b8c6; --line: #435463; --page: #16202a; --card: #1f2c38;
    --accent: #fb923c; --on-accent: #1c1204;
  }
}
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page) }
.flag {
  margin: 0; padding: .5rem 1rem; text-align: center; font-size: .875rem; color: var(--soft);
  border-bottom: 1px solid var(--line);
}
main {
  max-width: 34rem; margin: 2rem auto; padding: 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem; overflow-wrap: anywhere;
}
@media (max-width: 36rem) { main { margin: 1rem } }
h1 { font-size: 1.375rem; line-height: 1.25; margin: 0 0 .75rem }
h2, legend { font-size: 1rem; font-weight: 600; margin: 1.25rem 0 .5rem; padding: 0 }
fieldset { border: 0; margin: 0; padding: 0 }
label.account {
  display: flex; gap: .75rem; align-items: flex-start; padding: .75rem; margin-bottom: .5rem;
  border: 1px solid var(--line); border-radius: .375rem; cursor: pointer;
}
label.account small { display: block; color: var(--soft) }
input[type=radio] { margin-top: .3rem; accent-color: var(--accent) }
ul { margin: 0; padding-left: 1.25rem; color: var(--soft) }
code { font-family: ui-monospace, monospace; font-size: .875em }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem }
button {
  font: inherit; min-height: 2.75rem; padding: .5rem 1.25rem; border-radius: .375rem;
  border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer;
}
button.primary {
  background: var(--accent); border-color: var(--accent); color: var(--on-accent);
  font-weight: 600;
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
`

/** A page of the simulator; `content` is HTML. */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · HubSpot simulator</title>
<link rel="icon" href="data:,"><style>${style}</style></head>
<body><header class="flag">HubSpot simulator – no real HubSpot account is involved</header>
<main>${content}</main></body></html>`
}

/** The page HubSpot shows instead of redirecting when the authorize URL does not fit the app. */
export function errorPage(message: string): string {
  return page(
    'Authorization failed',
    `<h1>Authorization failed</h1><p role="alert">${escapeHtml(message)}</p>
<p>HubSpot does not send you back to the app in this case: close this window and check the app's configuration.</p>`,
  )
}

const accountKinds: Record<PortalDescription['accountType'], string> = {
  STANDARD: 'Standard account',
  SANDBOX: 'Sandbox',
  DEVELOPER_TEST: 'Developer test account',
}

const scopeTexts: Record<string, string> = {
  oauth: 'Basic access to your account',
  'crm.objects.contacts.read': 'View contacts',
  'crm.objects.contacts.write': 'Create, change and delete contacts',
  'crm.objects.deals.read': 'View deals',
  'crm.objects.deals.write': 'Create, change and delete deals',
  'crm.schemas.contacts.read': 'View contact properties',
  'crm.schemas.deals.read': 'View deal properties and pipelines',
  'crm.objects.owners.read': 'View the users who own records',
}

export interface ConsentPage {
  appName: string
  portals: readonly PortalDescription[]
  scopes: readonly string[]
  optionalScopes: readonly string[]
  /** Where the form goes, and what it carries along */
  action: string
  hidden: Record<string, string>
}

/** Asks which account, and whether. Two submit buttons named `decision`. */
export function consentPage({
  appName,
  portals,
  scopes,
  optionalScopes,
  action,
  hidden,
}: ConsentPage): string {
  const accounts = portals
    .map(
      (
        portal,
        index,
      ) => `<label class="account"><input type="radio" name="portalId" value="${portal.id}"${index === 0 ? ' checked' : ''} required>
<span>${escapeHtml(portal.name)}<small>${portal.id} · ${accountKinds[portal.accountType]} · ${portal.hublet === 'eu1' ? 'Europe' : 'North America'} · ${portal.contacts} contacts</small></span></label>`,
    )
    .join('\n')
  const permissions = [...scopes, ...optionalScopes]
    .map(
      scope =>
        `<li>${escapeHtml(scopeTexts[scope] ?? scope)} <code>${escapeHtml(scope)}</code>${optionalScopes.includes(scope) ? ' (if your account can)' : ''}</li>`,
    )
    .join('\n')
  const fields = Object.entries(hidden)
    .map(
      ([name, value]) =>
        `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join('\n')
  return page(
    `Connect ${appName}`,
    `<h1>Connect ${escapeHtml(appName)} to HubSpot</h1>
<form method="post" action="${escapeHtml(action)}">
${fields}
<fieldset><legend>Choose an account</legend>
${accounts}
</fieldset>
<h2>${escapeHtml(appName)} will be able to</h2>
<ul>
${permissions}
</ul>
<div class="actions"><button class="primary" name="decision" value="grant">Grant access</button><button name="decision" value="deny" formnovalidate>Cancel</button></div>
</form>`,
  )
}

/** The marketplace's page of the app with its install button. */
export function marketplacePage(appName: string, action: string): string {
  return page(
    `${appName} in the marketplace`,
    `<h1>${escapeHtml(appName)}</h1>
<p>This stands for the app's page in HubSpot's marketplace. Installing from here starts in HubSpot, not in the app.</p>
<form method="post" action="${escapeHtml(action)}"><div class="actions"><button class="primary">Install app</button></div></form>`,
  )
}
