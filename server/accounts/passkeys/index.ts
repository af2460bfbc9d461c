import { ObjectId } from 'mongodb'
import type {
  AssertionResponse,
  CeremonyOptions,
  Passkey,
  PasskeyRegistered,
  RegistrationResponse,
} from '#shared/contracts/passkeys'
import type { Clock } from '../../config/clock'
import type { Actor, AuditLog } from '../../database/audit'
import type { PasskeyChallengeDocument, PasskeyDocument } from '../../database/documents'
import { NotFound, ValidationFailed } from '../../errors'
import { InvalidCredentials } from '../errors'
import type { SignedIn } from '../sessions'
import { CeremonyRefused, ceremonyTimeoutMs, type Ceremony } from './ceremony'
import { digestOfCode, newRecoveryCodes } from './recovery-codes'
import { mostPasskeys, type PasskeysRepository } from './repository'

export interface PasskeysDeps {
  repository: PasskeysRepository
  ceremony: Ceremony
  clock: Clock
  audit: AuditLog
}

type Purpose = PasskeyChallengeDocument['purpose']

/** Passkeys (WebAuthn): register, list, rename, remove, sign in, prove oneself again. */
export function createPasskeys({ repository, ceremony, clock, audit }: PasskeysDeps) {
  async function ask(
    purpose: Purpose,
    options: CeremonyOptions,
    signedIn: SignedIn | null,
  ): Promise<CeremonyOptions> {
    await repository.ask({
      _id: options.challenge,
      purpose,
      user_id: signedIn?.user.id ?? null,
      session_id: signedIn?.sessionId ?? null,
      expires_at: new Date(clock().getTime() + ceremonyTimeoutMs),
    })
    return options
  }

  /** Takes the challenge of an answer, once, whatever else is wrong with the answer. */
  async function answered(
    purpose: Purpose,
    clientDataJSON: string,
    signedIn: SignedIn | null,
  ): Promise<string> {
    const asked = await repository.takeChallenge(ceremony.challengeOf(clientDataJSON))
    const isSame = (one: ObjectId | null, other: ObjectId | undefined) =>
      one === null ? other === undefined : other !== undefined && one.equals(other)
    if (
      !asked ||
      asked.purpose !== purpose ||
      asked.expires_at <= clock() ||
      !isSame(asked.user_id, signedIn?.user.id) ||
      !isSame(asked.session_id, signedIn?.sessionId)
    )
      throw new CeremonyRefused('the challenge is unknown, used, too old or for something else')
    return asked._id
  }

  /** @throws {InvalidCredentials} whatever is wrong: no word says what */
  async function verified(
    purpose: Purpose,
    response: AssertionResponse,
    signedIn: SignedIn | null,
  ): Promise<PasskeyDocument> {
    try {
      const challenge = await answered(purpose, response.response.clientDataJSON, signedIn)
      const passkey = await repository.byCredential(response.id)
      if (!passkey) throw new CeremonyRefused('the credential is not known')
      if (signedIn && !passkey.user_id.equals(signedIn.user.id))
        throw new CeremonyRefused("the credential is another person's")
      const { counter, backedUp } = await ceremony.verifyAssertion(response, challenge, passkey)
      const used = { counter, backed_up: backedUp, last_used_at: clock() }
      if (!(await repository.used(passkey, used)))
        throw new CeremonyRefused('used twice at the same moment')
      return passkey
    } catch (error) {
      if (error instanceof CeremonyRefused) throw new InvalidCredentials()
      throw error
    }
  }

  const partnerOf = (signedIn: SignedIn) => signedIn.partner.id

  async function renewRecoveryCodes(userId: ObjectId): Promise<string[]> {
    const codes = newRecoveryCodes()
    await repository.setRecoveryCodes(userId, codes.map(digestOfCode))
    return codes
  }

  return {
    has: repository.has,

    async list(userId: ObjectId): Promise<Passkey[]> {
      return (await repository.list(userId)).map(present)
    },

    async registrationOptions(signedIn: SignedIn): Promise<CeremonyOptions> {
      const passkeys = await repository.list(signedIn.user.id)
      if (passkeys.length >= mostPasskeys)
        throw new ValidationFailed([
          { path: 'passkeys', message: `are ${mostPasskeys} already: remove one first` },
        ])
      const options = await ceremony.registrationOptions(signedIn.user, passkeys)
      return await ask('register', options, signedIn)
    },

    /**
     * Adds a passkey. With the first one the person gets recovery codes.
     * @throws {ValidationFailed} the browser's answer is not right
     */
    async register(
      signedIn: SignedIn,
      { name, response }: { name: string; response: RegistrationResponse },
      actor: Actor,
    ): Promise<PasskeyRegistered> {
      const refused = () =>
        new ValidationFailed([{ path: 'response', message: 'is no answer to what was asked' }])
      const userId = signedIn.user.id
      const isFirst = !(await repository.has(userId))
      let passkey: PasskeyDocument
      try {
        const challenge = await answered('register', response.response.clientDataJSON, signedIn)
        const made = await ceremony.verifyRegistration(response, challenge)
        passkey = {
          _id: new ObjectId(),
          user_id: userId,
          partner_id: partnerOf(signedIn),
          credential_id: made.credentialId,
          public_key: made.publicKey,
          counter: made.counter,
          transports: response.response.transports ?? [],
          name,
          backed_up: made.backedUp,
          created_at: clock(),
          last_used_at: null,
        }
      } catch (error) {
        if (error instanceof CeremonyRefused) throw refused()
        throw error
      }
      if (!(await repository.insert(passkey))) throw refused()
      await audit.record({
        partnerId: partnerOf(signedIn),
        actor,
        action: 'passkey.added',
        target: passkey._id.toHexString(),
      })
      return {
        passkey: present(passkey),
        recoveryCodes: isFirst ? await renewRecoveryCodes(userId) : null,
      }
    },

    /** @throws {NotFound} */
    async rename(userId: ObjectId, id: string, name: string): Promise<Passkey> {
      const passkey = await repository.rename(userId, new ObjectId(id), name)
      if (!passkey) throw new NotFound('This passkey')
      return present(passkey)
    },

    /** @throws {NotFound} */
    async remove(signedIn: SignedIn, id: string, actor: Actor): Promise<void> {
      if (!(await repository.remove(signedIn.user.id, new ObjectId(id))))
        throw new NotFound('This passkey')
      await audit.record({
        partnerId: partnerOf(signedIn),
        actor,
        action: 'passkey.removed',
        target: id,
      })
    },

    /** @returns new codes in place of those before */
    async newRecoveryCodes(signedIn: SignedIn, actor: Actor): Promise<string[]> {
      const codes = await renewRecoveryCodes(signedIn.user.id)
      await audit.record({
        partnerId: partnerOf(signedIn),
        actor,
        action: 'recovery_codes.renewed',
      })
      return codes
    },

    useRecoveryCode: (userId: ObjectId, code: string): Promise<boolean> =>
      repository.useRecoveryCode(userId, digestOfCode(code)),

    signInOptions: async (): Promise<CeremonyOptions> =>
      await ask('sign_in', await ceremony.signInOptions(), null),

    /** @throws {InvalidCredentials} */
    async signIn(response: AssertionResponse): Promise<{ id: ObjectId; partnerId: ObjectId }> {
      const passkey = await verified('sign_in', response, null)
      return { id: passkey.user_id, partnerId: passkey.partner_id }
    },

    async stepUpOptions(signedIn: SignedIn): Promise<CeremonyOptions> {
      const passkeys = await repository.list(signedIn.user.id)
      return await ask('step_up', await ceremony.signInOptions(passkeys), signedIn)
    },

    /** @throws {InvalidCredentials} */
    async stepUp(signedIn: SignedIn, response: AssertionResponse): Promise<void> {
      await verified('step_up', response, signedIn)
    },

    prune: (): Promise<void> => repository.prune(clock()),
  }
}
export type Passkeys = ReturnType<typeof createPasskeys>

function present({ _id, name, created_at, last_used_at, backed_up }: PasskeyDocument): Passkey {
  return {
    id: _id.toHexString(),
    name,
    createdAt: created_at.toISOString(),
    lastUsedAt: last_used_at?.toISOString() ?? null,
    backedUp: backed_up,
  }
}
