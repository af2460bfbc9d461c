import type { PasskeyList } from '#shared/contracts/passkeys'
import { NotSignedIn } from '../errors'
import type { Passkeys } from '../passkeys/index'
import type { SignedIn } from '../sessions'
import type { PeopleRepository } from './repository'

/** @returns how somebody can sign in: their passkeys, recovery codes and password */
export function createOwnSignIn({
  repository,
  passkeys,
}: {
  repository: Pick<PeopleRepository, 'byId' | 'passkeysRequired'>
  passkeys: Pick<Passkeys, 'list'>
}) {
  return async function ownSignIn({ user, partner }: SignedIn): Promise<PasskeyList> {
    const [stored, items, required] = await Promise.all([
      repository.byId(user.id),
      passkeys.list(user.id),
      repository.passkeysRequired(partner.id),
    ])
    if (!stored) throw new NotSignedIn()
    return {
      items,
      recoveryCodes: stored.recovery_codes?.length ?? 0,
      hasPassword: stored.password_hash !== null,
      required,
    }
  }
}
