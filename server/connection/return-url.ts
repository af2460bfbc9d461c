/** HubSpot's own app hosts: `app.hubspot.com` and one per hublet, such as `app-eu1.hubspot.com`. */
const hubspotAppHost = /^app(-[a-z]{2}[0-9]{1,2})?\.hubspot\.com$/
const maxLength = 2048
/** HubSpot's pages of installing an app have one of these words in their path */
const installPage =
  /(^|[/-])(ecosystem|marketplace|install|installed|oauth|connected-apps)([/-]|$)/i

export interface OwnClient {
  authorizeUrl: string
  clientId: string
  redirectUri: string
}

/** @returns whether a page would hand our state to another client, or send it elsewhere */
function namesAnother(url: URL, { clientId, redirectUri }: OwnClient): boolean {
  const differs = (name: string, own: string) =>
    url.searchParams.getAll(name).some(value => value !== own)
  return (
    differs('client_id', clientId) ||
    differs('redirect_uri', redirectUri) ||
    ['state', 'code', 'redirect_url', 'redirectUri', 'redirectUrl', 'clientId'].some(name =>
      url.searchParams.has(name),
    )
  )
}

/**
 * Checks where a marketplace install wants to go back to. Parsed as browsers do and written again,
 * never put together from text.
 * @param own our client; where its authorize URL is not HubSpot's (the simulator), that origin
 *   counts as well
 * @returns the URL, or `null` for anything but a page of HubSpot's that installs our app
 * @see docs/security-checklist.md#a18
 */
export function parseReturnUrl(text: unknown, own: OwnClient): URL | null {
  if (typeof text !== 'string' || text.length === 0 || text.length > maxLength) return null
  // What browsers repair on their own (white space, control characters, backslashes), nobody honest
  // sends.
  if (!/^https?:\/\/[\x21-\x7E]+$/.test(text) || text.includes('\\')) return null
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return null
  }
  if (url.username !== '' || url.password !== '') return null
  // `https://app.hubspot.com%2f@…` and its like: the host must stand in the text as it was
  // understood.
  const host = /^https?:\/\/([^/?#]*)/.exec(text)?.[1]?.toLowerCase()
  if (host !== url.host) return null
  if (!installPage.test(url.pathname) || namesAnother(url, own)) return null
  if (url.protocol === 'https:' && url.port === '' && hubspotAppHost.test(url.hostname)) return url
  const simulator = new URL(own.authorizeUrl)
  return !hubspotAppHost.test(simulator.hostname) && url.origin === simulator.origin ? url : null
}
