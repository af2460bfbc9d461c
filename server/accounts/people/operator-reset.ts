import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import { ValidationFailed } from '../../errors'
import { createPasskeysRepository } from '../passkeys/repository'
import { assertPasswordLength, hashPassword } from '../passwords'
import { createSessionsRepository } from '../sessions-repository'
import { createPeopleRepository } from './repository'

/**
 * The operator's way back in for somebody who lost everything: another password, no passkey, no
 * recovery code, no open session.
 * @throws {ValidationFailed} no such person at this partner; password too short or long
 */
export async function resetByOperator(
  { collections, clock }: { collections: Collections; clock: Clock },
  { partnerName, email, password }: { partnerName: string; email: string; password: string },
): Promise<{ partnerId: ObjectId; userId: ObjectId }> {
  const people = createPeopleRepository(collections)
  const passkeys = createPasskeysRepository(collections)
  assertPasswordLength(password)
  const user = await people.byEmail(email)
  if (!user || (await people.partnerName(user.partner_id)) !== partnerName)
    throw new ValidationFailed([{ path: 'email', message: 'belongs to nobody of this partner' }])
  await people.letBackIn(user._id, await hashPassword(password))
  await passkeys.removeAll(user._id)
  await passkeys.setRecoveryCodes(user._id, [])
  await createSessionsRepository(collections).revokeAll(user._id, clock(), null)
  return { partnerId: user.partner_id, userId: user._id }
}
