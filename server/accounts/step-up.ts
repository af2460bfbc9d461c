import type { SignInOrigin } from './index'
import type { SignedIn } from './sessions'

/** How long a proof of who somebody is lasts for what asks for a fresh one. */
export const stepUpMs = 5 * 60 * 1000

/**
 * A session counts its own guesses of the password: strangers at the sign-in do not keep its owner
 * from proving who they are.
 */
export function originOfSession({ sessionId, from }: SignedIn): SignInOrigin {
  return { address: from?.address ?? '', knownBrowser: `session:${sessionId.toHexString()}` }
}
