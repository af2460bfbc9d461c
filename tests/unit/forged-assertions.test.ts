import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { createCeremony } from '../../server/accounts/passkeys/ceremony'
import { createPasskeys } from '../../server/accounts/passkeys/index'
import type { PasskeysRepository } from '../../server/accounts/passkeys/repository'
import type { PasskeyChallengeDocument, PasskeyDocument } from '../../server/database/documents'
import { InvalidCredentials } from '../../server/accounts/errors'
import { createAuthenticator, type Authenticator, type Forgery } from '../support/authenticator'

const origin = 'https://partners.example'
const forgeryCount = Number(process.env.TEST_FORGED_ASSERTIONS ?? 10_500)

/** Passkeys and challenges in memory: the rules themselves are the real ones. */
function passkeysInMemory() {
  const stored = new Map<string, PasskeyDocument>()
  const challenges = new Map<string, PasskeyChallengeDocument>()
  const repository = {
    list: async () => [],
    has: async () => true,
    byCredential: async (id: string) => stored.get(id) ?? null,
    insert: async (passkey: PasskeyDocument) => {
      stored.set(passkey.credential_id, passkey)
      return true
    },
    used: async (passkey: PasskeyDocument, now: Partial<PasskeyDocument>) => {
      stored.set(passkey.credential_id, { ...passkey, ...now })
      return true
    },
    ask: async (challenge: PasskeyChallengeDocument) =>
      void challenges.set(challenge._id, challenge),
    takeChallenge: async (id: string) => {
      const found = challenges.get(id) ?? null
      challenges.delete(id)
      return found
    },
  } as unknown as PasskeysRepository
  return createPasskeys({
    repository,
    ceremony: createCeremony({ origin }),
    clock: () => new Date(),
    audit: { record: async () => undefined, onRecorded: () => undefined },
  })
}

test(`of ${forgeryCount} forged assertions none is accepted and none fails in another way`, async () => {
  const passkeys = passkeysInMemory()
  const person = () => ({
    sessionId: new ObjectId(),
    user: { id: new ObjectId(), email: 'a@b.test', role: 'member' as const },
    partner: { id: new ObjectId(), name: 'P' },
  })
  const actor = { kind: 'user' as const, user_id: null, email: null }
  async function registered(who: ReturnType<typeof person>): Promise<Authenticator> {
    const authenticator = createAuthenticator(origin)
    const options = await passkeys.registrationOptions(who)
    await passkeys.register(who, { name: 'x', response: authenticator.register(options) }, actor)
    return authenticator
  }
  const [one, other] = [person(), person()]
  const [own, foreign] = [await registered(one), await registered(other)]
  const last = 1_000_000
  await passkeys.signIn(own.assert(await passkeys.signInOptions(), { counter: last }))
  const used = (await passkeys.signInOptions()).challenge
  await passkeys.signIn(own.assert({ challenge: used }, { counter: last + 1 }))

  const strangersKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const any = (below: number) => Math.floor(Math.random() * below)
  const text = (bytes: number) => randomBytes(bytes).toString('base64url')
  const pick = <T>(...items: T[]): T => items[any(items.length)] as T
  const next = { counter: last + 1_000_000 }
  const forgeries: (() => Forgery)[] = [
    () => ({
      ...next,
      origin: pick(
        `https://${text(4)}.example`,
        'http://partners.example',
        `https://partners.example:${1 + any(65_000)}`,
        `https://partners.example.${text(3)}.test`,
        `https://${text(3)}.partners.example`,
        `${origin}/`,
        'null',
        '',
      ),
    }),
    () => ({ ...next, rpId: pick(`${text(4)}.test`, 'example', 'Partners.example', '') }),
    () => ({ ...next, challenge: pick(used, text(32), text(16 + any(40)), '', used.slice(1)) }),
    () => ({ counter: pick(any(last + 2), last + 1, 0) }),
    () => ({ ...next, userHandle: pick(text(12), text(1), text(64)) }),
    () => ({ ...next, isVerified: false, isPresent: pick(true, false) }),
    () => ({ ...next, isPresent: false }),
    () => ({ ...next, type: pick('webauthn.create', 'payment.get', text(3), '') }),
    () => ({ ...next, crossOrigin: true }),
    () => ({ ...next, topOrigin: pick(origin, 'https://evil.test') }),
    () => ({ ...next, key: pick(strangersKey, foreign.privateKey) }),
    () => ({ ...next, signs: randomBytes(any(200)) }),
  ]
  /**
   * One bit of what was signed, or of the signature, is another one. Of the signature its second
   * number: the frame around both numbers (DER) has more than one spelling.
   */
  function damaged(response: ReturnType<Authenticator['assert']>) {
    const field = pick('clientDataJSON', 'authenticatorData', 'signature')
    const whole = Buffer.from(response.response[field], 'base64url')
    const at = field === 'signature' ? whole.length - 1 - any(30) : any(whole.length)
    whole[at] = (whole[at] ?? 0) ^ (1 << any(8))
    return {
      ...response,
      response: { ...response.response, [field]: whole.toString('base64url') },
    }
  }
  const bad: string[] = []
  for (let tried = 0; tried < forgeryCount; tried++) {
    const kind = tried % (forgeries.length + 3)
    const forge = forgeries[kind]
    const options =
      kind === 0 && any(2) ? await passkeys.stepUpOptions(one) : await passkeys.signInOptions()
    const response = forge
      ? own.assert(options, forge())
      : kind === forgeries.length
        ? { ...foreign.assert(options, next), id: own.id, rawId: own.id }
        : kind === forgeries.length + 1
          ? createAuthenticatorOnce().assert(options, next)
          : damaged(own.assert(options, next))
    const outcome = await passkeys.signIn(response).then(
      () => 'accepted',
      (error: unknown) => (error instanceof InvalidCredentials ? 'refused' : String(error)),
    )
    if (outcome !== 'refused') bad.push(`${kind}: ${outcome}`)
  }
  expect(bad).toEqual([])
  // The tests can fail: what is not forged is taken.
  await passkeys.signIn(own.assert(await passkeys.signInOptions(), next))
  const theirs = foreign.assert(await passkeys.stepUpOptions(one), next)
  await expect(passkeys.stepUp(one, theirs)).rejects.toThrow(InvalidCredentials)
}, 120_000)

let unknown: Authenticator | undefined
const createAuthenticatorOnce = () => (unknown ??= createAuthenticator(origin))
