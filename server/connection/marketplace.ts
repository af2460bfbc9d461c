import { TooManyAttempts } from '../accounts/errors'
import { userActor, type AuditLog } from '../database/audit'
import type { Attempts, StartedAttempt } from './attempts'
import { failure, type Callback, type CallbackRequest } from './callback'
import { parseReturnUrl, withState } from './return-url'

export type MarketplaceRequest = Pick<CallbackRequest, 'query' | 'signedIn' | 'takeBrowserSecret'>

export interface MarketplaceAnswer {
  location: string
  /** A new attempt whose cookie the browser must get */
  started?: StartedAttempt
}

/**
 * The app's own path of the callback, under which a sign-in comes back to a marketplace install.
 */
const callbackPath = '/v1/integrations/hubspot/callback'

/**
 * An install that starts in HubSpot's marketplace, "with partner sign-in"
 * (docs/security-checklist.md#a17): `step=authorize` signs in and hands HubSpot our state,
 * `step=finalize` brings it back with the code. A code without a state is never taken.
 */
export function createMarketplace({
  attempts,
  callback,
  audit,
  authorizeUrl,
}: {
  attempts: Attempts
  callback: Callback
  audit: AuditLog
  authorizeUrl: string
}) {
  async function authorize(
    { query, signedIn }: MarketplaceRequest,
    returnUrl: URL,
  ): Promise<MarketplaceAnswer> {
    // What comes along with this step is not looked at: a code counts in `finalize` only.
    if (present(query.code)) return { location: failure('invalid_state') }
    if (!signedIn) {
      // The return URL is checked again when the sign-in comes back here.
      const back = `${callbackPath}?step=authorize&returnUrl=${encodeURIComponent(returnUrl.href)}`
      return { location: `/login?next=${encodeURIComponent(back)}` }
    }
    if (signedIn.user.role !== 'admin') return { location: failure('forbidden') }
    const started = await attempts
      .start({
        signedIn,
        purpose: 'marketplace',
        returnUrl: returnUrl.href,
        confirmPortalChange: false,
      })
      .catch((error: unknown) => {
        if (error instanceof TooManyAttempts) return null
        throw error
      })
    if (!started) return { location: failure('too_many_attempts') }
    await audit.record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'hubspot.connect_started',
      details: { purpose: 'marketplace' },
    })
    return { location: withState(returnUrl, started.state), started }
  }

  return {
    /** @returns where to go, for a callback that names a `step`; `null` for a plain one */
    async handle(request: MarketplaceRequest): Promise<MarketplaceAnswer | null> {
      const { step, returnUrl: returnUrlGiven } = request.query
      if (step === undefined) return null
      if (present(request.query.error)) return null
      const returnUrl =
        returnUrlGiven === undefined ? undefined : parseReturnUrl(returnUrlGiven, authorizeUrl)
      if ((step !== 'authorize' && step !== 'finalize') || returnUrl === null)
        return { location: failure('invalid_state') }
      if (step === 'authorize')
        return returnUrl
          ? await authorize(request, returnUrl)
          : { location: failure('invalid_state') }
      return {
        location: await callback.handle({
          ...request,
          purpose: 'marketplace',
          successUrl: returnUrl?.href,
        }),
      }
    },
  }
}
export type Marketplace = ReturnType<typeof createMarketplace>

function present(value: unknown): boolean {
  return value !== undefined && value !== ''
}
