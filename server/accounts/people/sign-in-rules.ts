import type { ObjectId } from 'mongodb'
import { DomainError } from '../../errors'
import type { Passkeys } from '../passkeys/index'
import type { SignedIn } from '../sessions'
import type { SignInRules } from '#shared/contracts/passkeys'
import type { Actor, AuditLog } from '../../database/audit'
import type { PeopleRepository } from './repository'

/** What a partner's admins ask of how its people sign in. */
export function createSignInRules({
  repository,
  passkeys,
  audit,
}: {
  repository: Pick<PeopleRepository, 'passkeysRequired' | 'requirePasskeys'>
  passkeys: Pick<Passkeys, 'has'>
  audit: AuditLog
}) {
  return {
    async get(partnerId: ObjectId): Promise<SignInRules> {
      return { passkeysRequired: await repository.passkeysRequired(partnerId) }
    },

    /** @throws {DomainError} `passkey_required`: who asks others for a passkey has one themselves */
    async set(
      { partner, user }: SignedIn,
      { passkeysRequired }: SignInRules,
      actor: Actor,
    ): Promise<SignInRules> {
      const partnerId = partner.id
      if (passkeysRequired && !(await passkeys.has(user.id)))
        throw new DomainError('passkey_required', 'Add a passkey to your own account first.')
      await repository.requirePasskeys(partnerId, passkeysRequired)
      await audit.record({
        partnerId,
        actor,
        action: 'sign_in_rules.changed',
        details: { passkeysRequired },
      })
      return { passkeysRequired }
    },
  }
}
