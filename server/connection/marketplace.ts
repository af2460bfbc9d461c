import { failure, type Callback, type CallbackRequest } from './callback'
import { parseReturnUrl, type OwnClient } from './return-url'

export type MarketplaceRequest = Pick<CallbackRequest, 'query' | 'signedIn' | 'takeBrowserSecret'>

export interface MarketplaceAnswer {
  location: string
}

/**
 * The app's own path of the callback, under which a sign-in comes back to a marketplace install.
 */
const callbackPath = '/v1/integrations/hubspot/callback'
/** The page that asks whether to connect */
const installPath = '/settings/hubspot/install'

/**
 * An install that starts in HubSpot's marketplace, "with partner sign-in"
 * (docs/security-checklist.md#a17): `step=authorize` signs in and asks, the page hands
 * HubSpot our state, `step=finalize` brings it back with the code. A code without a state is never taken.
 */
export function createMarketplace({ callback, own }: { callback: Callback; own: OwnClient }) {
  function authorize({ query, signedIn }: MarketplaceRequest, returnUrl: URL): MarketplaceAnswer {
    // What comes along with this step is not looked at: a code counts in `finalize` only.
    if (present(query.code)) return { location: failure('invalid_state') }
    if (!signedIn) {
      // The return URL is checked again when the sign-in comes back here.
      const back = `${callbackPath}?step=authorize&returnUrl=${encodeURIComponent(returnUrl.href)}`
      return { location: `/login?next=${encodeURIComponent(back)}` }
    }
    if (signedIn.user.role !== 'admin') return { location: failure('forbidden') }
    // The page asks first. Its POST mints the state: another site's link must not.
    return { location: `${installPath}?returnUrl=${encodeURIComponent(returnUrl.href)}` }
  }

  return {
    /** @returns where to go, for a callback that names a `step`; `null` for a plain one */
    async handle(request: MarketplaceRequest): Promise<MarketplaceAnswer | null> {
      const { step, returnUrl: returnUrlGiven } = request.query
      if (step === undefined) return null
      if (present(request.query.error)) return null
      const returnUrl =
        returnUrlGiven === undefined ? undefined : parseReturnUrl(returnUrlGiven, own)
      if ((step !== 'authorize' && step !== 'finalize') || returnUrl === null)
        return { location: failure('invalid_state') }
      if (step === 'authorize')
        return returnUrl ? authorize(request, returnUrl) : { location: failure('invalid_state') }
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
