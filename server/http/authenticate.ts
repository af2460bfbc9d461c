import { getRequestHeader, type H3Event } from 'h3'
import type { ServiceScope } from '#shared/contracts/service-keys'
import { keyMark } from '../accounts/service-keys'
import { stepUpMs } from '../accounts/step-up'
import type { SignedIn } from '../accounts/sessions'
import { DomainError } from '../errors'
import type { Services } from '../services'
import { requestOrigin } from './client-address'

export interface AccessRules {
  role: 'member' | 'admin'
  scope?: ServiceScope
  stepUp?: boolean
  withoutPasskey?: boolean
}

/**
 * @returns the service key that a request carries, or `null`. A cookie counts for nothing beside
 *   it, and no page of another site can send it: such a request needs no check of its origin.
 */
export function serviceKeyOf(event: H3Event): string | null {
  const [, key] =
    /^Bearer +(\S+)$/i.exec(getRequestHeader(event, 'authorization')?.trim() ?? '') ?? []
  return key?.startsWith(keyMark) ? key : null
}

/**
 * Who makes a request, and whether they may.
 * @throws {NotSignedIn}
 * @throws {DomainError} `forbidden`, `passkey_required`, `step_up_required`
 */
export async function authenticate(
  event: H3Event,
  { accounts, serviceKeys, clock, configuration }: Services,
  { role, scope, stepUp = false, withoutPasskey = false }: AccessRules,
): Promise<SignedIn> {
  const key = serviceKeyOf(event)
  const signedIn =
    key === null
      ? await accounts.sessions.require(event)
      : await serviceKeys.authenticate(key, scope ?? null)
  signedIn.from = requestOrigin(event, configuration.trustedProxies)
  // For the security event, should it be refused.
  event.context.signedIn = signedIn
  if (role === 'admin' && signedIn.user.role !== 'admin')
    throw new DomainError('forbidden', 'Only an admin of your organisation can do this.')
  if (signedIn.mustAddPasskey && !withoutPasskey)
    throw new DomainError(
      'passkey_required',
      'Your organisation asks for a passkey. Add one on your account page first.',
    )
  if (stepUp) assertProven(signedIn, clock())
  return signedIn
}

/**
 * For what must not be possible with a session that somebody left open.
 * @throws {DomainError} `step_up_required`: they proved who they are too long ago
 */
export function assertProven({ provenAt, isServiceKey }: SignedIn, now: Date): void {
  const age = now.getTime() - (provenAt?.getTime() ?? 0)
  if (!isServiceKey && age > stepUpMs)
    throw new DomainError(
      'step_up_required',
      'Confirm that it is you, by your password or a passkey, and send this again.',
    )
}
