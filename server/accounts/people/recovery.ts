import type { ObjectId } from 'mongodb'
import type { Accounts, SignInOrigin } from '../index'
import { InvalidCredentials } from '../errors'
import type { Passkeys } from '../passkeys/index'
import type { PeopleRepository } from './repository'

export interface RecoveryDeps {
  repository: Pick<PeopleRepository, 'byEmail'>
  passkeys: Pick<Passkeys, 'useRecoveryCode'>
  accounts: Pick<Accounts, 'confirmPassword' | 'throttle'>
}

/** Sign-in of somebody whose passkey is lost. */
export function createRecovery({ repository, passkeys, accounts }: RecoveryDeps) {
  /**
   * By a recovery code, which counts once, and the password where the account has one. Guesses
   * count as at the sign-in, and every refusal is the same.
   * @throws {InvalidCredentials | TooManyAttempts}
   */
  return async function recover(
    { email: emailGiven, code, password }: { email: string; code: string; password?: string },
    origin: SignInOrigin,
  ): Promise<{ id: ObjectId; partnerId: ObjectId }> {
    const email = emailGiven.trim().toLowerCase()
    const user = await repository.byEmail(email)
    // A counter of its own: the right password must not clear what was guessed of the codes.
    const guess = { email: `recovery:${email}`, address: origin.address, knownBrowser: null }
    await accounts.throttle.take(guess)
    // The same work is done for an account that does not exist.
    if (!user || user.password_hash !== null)
      await accounts.confirmPassword(email, password ?? '', origin)
    if (!user || user.disabled || !(await passkeys.useRecoveryCode(user._id, code)))
      throw new InvalidCredentials()
    await accounts.throttle.recordSuccess(guess)
    return { id: user._id, partnerId: user.partner_id }
  }
}
