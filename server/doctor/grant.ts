import { missingScopes, optionalScopes } from '#shared/hubspot/scopes'
import type { DoctorCheck } from '#shared/contracts/insight'
import { connectedPortalOf } from '../database/connected-portal'
import type { HubspotIntegrationDocument } from '../database/documents'
import { DomainError } from '../errors'
import { HubspotError } from '../hubspot/errors'
import type { OauthClient } from '../hubspot/oauth-client'
import { fail, pass, skipped, warn } from './check'
import type { Observations } from './observed-fetch'

export interface GrantDeps {
  integration: HubspotIntegrationDocument | null
  /** @throws {DomainError} when there is no usable token */
  accessToken: () => Promise<string>
  oauth: OauthClient
  seen: Observations
  now: Date
  syncIntervalSeconds: number
  /** What the app's own pacing counts of the present window */
  usage: (portalId: string) => Promise<{ used: number; limit: number; pausedUntil: Date | null }>
}

const connectAgain = 'Connect HubSpot again on the settings page.'

/** Portal ids are no secret, but a report may travel further than its reader thinks. */
function shown(portalId: string): string {
  return `…${portalId.slice(-3)}`
}

function state(
  { status, reason, paused, last_synced_at }: HubspotIntegrationDocument,
  now: Date,
  syncIntervalSeconds: number,
): DoctorCheck {
  const id = 'connection'
  if (status === 'revoked')
    return fail(id, `The grant is gone. ${reason?.message ?? ''}`.trim(), connectAgain)
  if (status === 'degraded')
    return warn(
      id,
      reason?.message ?? 'The connection is not healthy at the moment.',
      'It is tried again by itself. If it lasts, look at https://status.hubspot.com.',
    )
  if (paused)
    return warn(
      id,
      'The connection is good, and its synchronization is paused.',
      'Resume it on the settings page.',
    )
  if (!last_synced_at)
    return pass(id, 'HubSpot is connected; the first synchronization has not finished yet.')
  const minutes = Math.round((now.getTime() - last_synced_at.getTime()) / 60_000)
  const words =
    'HubSpot is connected; the last synchronization succeeded ' +
    `${minutes < 1 ? 'less than a minute' : `${minutes} min`} ago.`
  return now.getTime() - last_synced_at.getTime() > 2 * syncIntervalSeconds * 1000
    ? warn(id, words, 'The activity page shows what the latest runs ended with.')
    : pass(id, words)
}

function scopes(granted: readonly string[]): DoctorCheck {
  const id = 'scopes'
  const missing = missingScopes(granted)
  if (missing.length > 0)
    return fail(
      id,
      `The account did not grant: ${missing.join(', ')}.`,
      `${connectAgain} If a scope stays missing, compare ` +
        'hubspot-app/src/app/app-hsmeta.json with what was uploaded.',
    )
  const dropped = optionalScopes.filter(scope => !granted.includes(scope))
  return pass(
    id,
    dropped.length > 0
      ? 'All required scopes are granted. HubSpot left out the optional ' +
          `${dropped.join(', ')}; nothing depends on it.`
      : 'All scopes are granted.',
  )
}

async function portal({ accessToken, oauth }: GrantDeps, portalId: string): Promise<DoctorCheck> {
  const id = 'portal'
  try {
    const account = await oauth.accountDetails(await accessToken())
    if (account.portalId !== portalId)
      return fail(
        id,
        `The token belongs to account ${shown(account.portalId)}, the connection to ` +
          `${shown(portalId)}.`,
        connectAgain,
      )
    const isSandbox = /SANDBOX|TEST/i.test(account.type ?? '')
    return pass(
      id,
      'HubSpot answers for account ' +
        `${shown(portalId)}${account.hublet ? ` (${account.hublet})` : ''}${isSandbox ? ', a test account' : ''}.`,
    )
  } catch (error) {
    if (error instanceof DomainError)
      return warn(
        id,
        error.message,
        error.code === 'hubspot_reauthorization_required'
          ? connectAgain
          : 'It is tried again by itself.',
      )
    if (error instanceof HubspotError)
      return error.kind === 'unauthorized' || error.kind === 'forbidden'
        ? fail(
            id,
            `HubSpot refuses the access token (${error.category ?? error.status ?? error.kind}).`,
            connectAgain,
          )
        : warn(
            id,
            'HubSpot did not answer for the account ' +
              `(${error.category ?? error.status ?? error.kind}).`,
            'Try again in a moment.',
          )
    throw error
  }
}

async function quota({ usage, seen, now }: GrantDeps, portalId: string): Promise<DoctorCheck> {
  const id = 'quota'
  const { used, limit, pausedUntil } = await usage(portalId)
  if (pausedUntil)
    return warn(
      id,
      'HubSpot asked to wait: requests for this account rest for ' +
        `${Math.max(1, Math.ceil((pausedUntil.getTime() - now.getTime()) / 1000))} s more.`,
      "Nothing to do. If it happens often, another app shares this account's quota, or " +
        'lower NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS.',
    )
  const theirs = seen.rateLimit
    ? ` HubSpot counts ${seen.rateLimit.remaining} of ${seen.rateLimit.max} left.`
    : ''
  const words = `${limit - used} of ${limit} requests are left in the present ten seconds.${theirs}`
  if (seen.rateLimit && seen.rateLimit.max < limit)
    return warn(
      id,
      `${words} The app allows itself more than HubSpot grants.`,
      `Set NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS to ${seen.rateLimit.max}.`,
    )
  return pass(id, words)
}

const needConnection = ['scopes', 'portal', 'quota']

/** The partner's own connection: state, scopes, portal, quota. */
export async function examineGrant(deps: GrantDeps): Promise<DoctorCheck[]> {
  const { integration, now, syncIntervalSeconds } = deps
  const portalId = connectedPortalOf(integration)
  if (!integration || !portalId) {
    return ['connection', ...needConnection].map(id => skipped(id, 'HubSpot is not connected.'))
  }
  const checks = [state(integration, now, syncIntervalSeconds), scopes(integration.scopes)]
  if (integration.status === 'revoked')
    return [
      ...checks,
      skipped('portal', 'The grant is gone.'),
      skipped('quota', 'The grant is gone.'),
    ]
  // The account is asked first: its answer carries HubSpot's own count of the quota.
  const portalCheck = await portal(deps, portalId)
  return [...checks, portalCheck, await quota(deps, portalId)]
}
