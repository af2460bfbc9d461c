import type { H3Event } from 'h3'
import { digestOf } from '../accounts/digest'
import type { SignedIn } from '../accounts/sessions'
import { addressKey } from '../accounts/throttle'
import type { Services } from '../services'
import { clientAddress } from './client-address'

/** How many requests of a kind may be made in a minute, over all processes */
export interface RequestLimit {
  name: string
  perMinute: number
  /** Whose requests count together. An address is for routes that nobody has to be signed in for. */
  of: 'person' | 'partner' | 'address'
}

/**
 * Counts one request.
 * @throws {DomainError} `too_many_attempts` when the minute is full
 */
export async function countRequest(
  event: H3Event,
  { limits, configuration }: Pick<Services, 'limits' | 'configuration'>,
  signedIn: SignedIn | null,
  { name, perMinute, of }: RequestLimit,
): Promise<void> {
  const who =
    of === 'address'
      ? digestOf(addressKey(clientAddress(event, configuration.trustedProxies)))
      : (of === 'partner' ? signedIn?.partner : signedIn?.user)?.id.toHexString()
  if (who !== undefined) await limits.take(`${name}:${who}`, perMinute)
}
