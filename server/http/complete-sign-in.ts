import type { H3Event } from 'h3'
import type { ObjectId } from 'mongodb'
import type { Me } from '#shared/contracts/account'
import { describeAccount } from '../accounts/describe'
import type { SignInOrigin } from '../accounts/index'
import type { SignedIn } from '../accounts/sessions'
import { userActor } from '../database/audit'
import type { Services } from '../services'
import { requestOrigin } from './client-address'
import { hungUp } from './hung-up'

/** Where a sign-in comes from, as the throttle counts it. */
export function signInOrigin(
  event: H3Event,
  { accounts, configuration }: Services,
  email: string,
): SignInOrigin {
  return {
    address: requestOrigin(event, configuration.trustedProxies).address ?? '',
    knownBrowser: accounts.knownBrowsers.find(event, email),
    signal: hungUp(event),
  }
}

/** What somebody proved who they are by. */
export type SignInWay = 'password' | 'passkey' | 'recovery_code' | 'invitation'

/**
 * Opens the session of somebody who has proved who they are, in place of the one before.
 * @throws {InvalidCredentials} the account is gone or disabled
 */
export async function completeSignIn(
  { event, services, signedIn }: { event: H3Event; services: Services; signedIn: SignedIn | null },
  found: { id: ObjectId; partnerId: ObjectId },
  way: SignInWay,
): Promise<Me> {
  const { accounts, audit, configuration } = services
  const from = requestOrigin(event, configuration.trustedProxies)
  const account = await accounts.account(found.id)
  const isKnown = accounts.knownBrowsers.find(event, account.user.email) !== null
  if (signedIn) await accounts.sessions.close(event, signedIn.sessionId)
  const sessionId = await accounts.sessions.open(event, found)
  accounts.knownBrowsers.remember(event, account.user.email)
  await audit.record({
    partnerId: found.partnerId,
    actor: userActor({ ...account, sessionId, from }),
    action: 'signed_in',
    // The very first sign-in is new everywhere.
    details: { way, newPlace: account.lastSeenAt !== null && !isKnown },
  })
  return describeAccount(account)
}
