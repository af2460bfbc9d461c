import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { PasskeyList, PasskeyRegistered } from '#shared/contracts/passkeys'
import { createAuthenticator, type Authenticator, type Forgery } from '../../support/authenticator'
import { codeOf, type Client } from '../../support/client'
import { firstPassword, startPeopleApp, type PeopleApp } from '../../support/people'
import { present } from '../../support/present'

// Passwords cost what a hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 300_000 })

const path = '/api/v1/auth/passkeys'
const origin = 'http://localhost:3000'
let app: PeopleApp
beforeAll(async () => {
  app = await startPeopleApp()
})
afterAll(async () => {
  await app.stop()
})

interface Options {
  challenge: string
  [name: string]: unknown
}
const optionsOf = async (client: Client, where: string): Promise<Options> =>
  (await client.post(`${path}/${where}/options`)).json as Options
const stepUpOptions = async (client: Client): Promise<Options> =>
  (await client.post('/api/v1/auth/step-up/options')).json as Options

async function register(client: Client, name = 'Laptop') {
  const authenticator = createAuthenticator(origin)
  const options = await optionsOf(client, 'registration')
  const answer = await client.post(path, { name, response: authenticator.register(options) })
  expect(answer.status).toBe(201)
  return { authenticator, answer: answer.json as PasskeyRegistered }
}
async function signInBy(
  authenticator: Authenticator,
  forgery: Forgery = {},
  client = app.client(),
) {
  const options = await optionsOf(client, 'sign-in')
  const answer = await client.post(`${path}/sign-in`, {
    response: authenticator.assert(options, forgery),
  })
  return { client, answer }
}
const isIn = async (client: Client) => (await client.get('/api/v1/auth/me')).status === 200

describe('a passkey', () => {
  test('is added, listed, renamed and removed; the first one brings recovery codes', async () => {
    const { client } = await app.somebody('Adds')
    const { answer } = await register(client)
    expect(answer.passkey).toMatchObject({ name: 'Laptop', lastUsedAt: null })
    expect(answer.recoveryCodes).toHaveLength(10)
    expect((await register(client, 'Telephone')).answer.recoveryCodes).toBeNull()
    const { id } = answer.passkey
    const renamed = await client.request('PATCH', `${path}/${id}`, { json: { name: 'Desk' } })
    expect(renamed.json).toMatchObject({ name: 'Desk' })
    const list = (await client.get(path)).json as PasskeyList
    expect(list.items.map(({ name }) => name)).toEqual(['Desk', 'Telephone'])
    expect(list).toMatchObject({ recoveryCodes: 10, hasPassword: true, required: false })
    expect((await client.request('DELETE', `${path}/${id}`)).status).toBe(204)
    expect((await client.request('DELETE', `${path}/${id}`)).status).toBe(404)
    expect((await app.audited('passkey.removed'))[0]?.target).toBe(id)
  })

  test('signs in alone, and the password alone does no longer', async () => {
    const { client, email, id } = await app.somebody('Signs in')
    const { authenticator } = await register(client)
    const signedIn = await signInBy(authenticator)
    expect(signedIn.answer.json).toMatchObject({ user: { id, email } })
    expect(await isIn(signedIn.client)).toBe(true)
    const byPassword = await app.client().signIn(email, firstPassword)
    expect(`${byPassword.status} ${codeOf(byPassword)}`).toBe('401 second_factor_required')
    expect(codeOf(await app.client().signIn(email, 'wrong'))).toBe('invalid_credentials')
  })

  test('of somebody who is disabled or removed signs nobody in', async () => {
    const admin = await app.somebody('Gone')
    const person = await app.somebody('Gone', 'member')
    const { authenticator } = await register(person.client)
    await admin.client.request('PATCH', `/api/v1/users/${person.id}`, { json: { disabled: true } })
    expect(codeOf((await signInBy(authenticator)).answer)).toBe('invalid_credentials')
    await admin.client.request('DELETE', `/api/v1/users/${person.id}`)
    expect(codeOf((await signInBy(authenticator)).answer)).toBe('invalid_credentials')
  })

  test('proves again who somebody is', async () => {
    const { client } = await app.somebody('Proves')
    const { authenticator } = await register(client)
    const stranger = await app.somebody('Proves not')
    const foreign = await register(stranger.client)
    try {
      app.time.offsetMs = 6 * 60 * 1000
      const needs = () => client.post('/api/v1/service-keys', { name: 'k', scopes: ['sync:start'] })
      expect(codeOf(await needs())).toBe('step_up_required')
      const theirs = foreign.authenticator.assert(await stepUpOptions(client))
      const refused = await client.post('/api/v1/auth/step-up', { assertion: theirs })
      expect(codeOf(refused)).toBe('invalid_credentials')
      const own = authenticator.assert(await stepUpOptions(client))
      expect((await client.post('/api/v1/auth/step-up', { assertion: own })).status).toBe(200)
      expect((await needs()).status).toBe(201)
    } finally {
      app.time.offsetMs = 0
    }
  })

  test("of another person is not there, and one's own session asks for a fresh proof", async () => {
    const [one, other] = [await app.somebody('Apart'), await app.somebody('Apart')]
    const { answer } = await register(one.client)
    for (const [method, json] of [
      ['PATCH', { name: 'mine' }],
      ['DELETE', undefined],
    ] as const)
      expect(
        (await other.client.request(method, `${path}/${answer.passkey.id}`, { json })).status,
      ).toBe(404)
    try {
      app.time.offsetMs = 6 * 60 * 1000
      expect(codeOf(await one.client.request('DELETE', `${path}/${answer.passkey.id}`))).toBe(
        'step_up_required',
      )
      expect(codeOf(await one.client.post(`${path}/registration/options`))).toBe('step_up_required')
    } finally {
      app.time.offsetMs = 0
    }
  })
})

describe('a recovery code', () => {
  test('signs in with the password in place of a lost passkey, once, however it is typed', async () => {
    const { client, email } = await app.somebody('Lost')
    const { answer } = await register(client)
    const [code = '', other = ''] = present(answer.recoveryCodes)
    const recover = (body: object) => app.client().post(`${path}/recover`, { email, ...body })
    expect((await recover({ code })).status).toBe(401)
    expect((await recover({ code: 'aaaa-bbbb-cccc-dddd', password: firstPassword })).status).toBe(
      401,
    )
    const typed = code.toUpperCase().replaceAll('-', ' ')
    expect((await recover({ code: typed, password: firstPassword })).status).toBe(200)
    expect((await recover({ code, password: firstPassword })).status).toBe(401)
    expect(((await client.get(path)).json as PasskeyList).recoveryCodes).toBe(9)
    const renewed = await client.post(`${path}/recovery-codes`)
    expect((renewed.json as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(10)
    expect((await recover({ code: other, password: firstPassword })).status).toBe(401)
  })

  test('signs in alone where there is no password', async () => {
    const { client, email, userId } = await app.somebody('No password')
    const { answer } = await register(client)
    await app.services.database.collections.users.updateOne(
      { _id: userId },
      { $set: { password_hash: null } },
    )
    const [code = ''] = present(answer.recoveryCodes)
    const answered = await app.client().post(`${path}/recover`, { email, code })
    expect(answered.status).toBe(200)
  })
})

describe('an organisation that asks for passkeys', () => {
  test('lets people without one do nothing but add one', async () => {
    const admin = await app.somebody('Asks')
    const member = await app.somebody('Asks', 'member')
    const ask = (passkeysRequired: boolean) =>
      admin.client.request('PUT', '/api/v1/users/rules', { json: { passkeysRequired } })
    expect(codeOf(await ask(true))).toBe('passkey_required')
    await register(admin.client)
    expect((await ask(true)).json).toEqual({ passkeysRequired: true })
    expect((await admin.client.get('/api/v1/leads')).status).toBe(200)
    expect(codeOf(await member.client.get('/api/v1/leads'))).toBe('passkey_required')
    expect((await member.client.get('/api/v1/auth/me')).json).toMatchObject({
      user: { mustAddPasskey: true },
    })
    await register(member.client)
    expect((await member.client.get('/api/v1/leads')).status).toBe(200)
  })
})

describe('a registration', () => {
  test('that is forged is refused: origin, party, challenge, verification, attestation, twice', async () => {
    const { client } = await app.somebody('Forged registration')
    const statement = new Map<string, unknown>([['x5c', new Map([['a', 1]])]])
    const forgeries: Parameters<Authenticator['register']>[1][] = [
      { origin: 'https://localhost:3000' },
      { origin: 'http://localhost:3001' },
      { origin: 'http://evil.test' },
      { rpId: 'evil.test' },
      { challenge: randomBytes(32).toString('base64url') },
      { isVerified: false },
      { isPresent: false },
      { type: 'webauthn.get' },
      { crossOrigin: true },
      { topOrigin: 'http://evil.test' },
      { format: 'packed', statement },
      { format: 'fido-u2f' },
      { format: 'tpm' },
    ]
    for (const forgery of forgeries) {
      const options = await optionsOf(client, 'registration')
      const response = createAuthenticator(origin).register(options, forgery)
      const answer = await client.post(path, { name: 'x', response })
      expect(`${answer.status}`, JSON.stringify(forgery)).toBe('422')
    }
    const authenticator = createAuthenticator(origin)
    const options = await optionsOf(client, 'registration')
    const response = authenticator.register(options)
    expect((await client.post(path, { name: 'x', response })).status).toBe(201)
    expect((await client.post(path, { name: 'x', response })).status).toBe(422)
    const stranger = await app.somebody('Forged by a stranger')
    const mine = await optionsOf(client, 'registration')
    const theirs = { name: 'x', response: createAuthenticator(origin).register(mine) }
    expect((await stranger.client.post(path, theirs)).status).toBe(422)
  })
})

test('a challenge counts once, for five minutes, for what it was made for, and for one use at a time', async () => {
  const { client } = await app.somebody('Challenged')
  const { authenticator } = await register(client)
  const post = (response: unknown) => app.client().post(`${path}/sign-in`, { response })
  const response = authenticator.assert(await optionsOf(client, 'sign-in'))
  expect((await post(response)).status).toBe(200)
  expect((await post(response)).status).toBe(401)
  const atOnce = authenticator.assert(await optionsOf(client, 'sign-in'))
  const answers = await Promise.all([post(atOnce), post(atOnce), post(atOnce), post(atOnce)])
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect((await post(authenticator.assert(await stepUpOptions(client)))).status).toBe(401)
  const late = authenticator.assert(await optionsOf(client, 'sign-in'))
  try {
    app.time.offsetMs = 5 * 60 * 1000 + 1000
    expect((await post(late)).status).toBe(401)
  } finally {
    app.time.offsetMs = 0
  }
})

test('forged assertions are refused, every one with a 401, and the right one still counts', async () => {
  const one = await app.somebody('Forged')
  const other = await app.somebody('Forged too')
  const { authenticator } = await register(one.client)
  const foreign = (await register(other.client)).authenticator
  const strangersKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  await signInBy(authenticator, { counter: 1000 })
  const used = (await optionsOf(app.client(), 'sign-in')).challenge
  await app.client().post(`${path}/sign-in`, {
    response: authenticator.assert({ challenge: used }, { counter: 1001 }),
  })
  const next = () => ({ counter: 2000 })
  const forgeries: [string, () => Forgery][] = [
    [
      'origin',
      () => ({ ...next(), origin: `http://localhost:${Math.floor(Math.random() * 2999)}` }),
    ],
    ['scheme', () => ({ ...next(), origin: 'https://localhost:3000' })],
    ['rp id', () => ({ ...next(), rpId: `${randomBytes(4).toString('hex')}.test` })],
    ['challenge made up', () => ({ ...next(), challenge: randomBytes(32).toString('base64url') })],
    ['challenge again', () => ({ ...next(), challenge: used })],
    ['counter back', () => ({ counter: 1 + Math.floor(Math.random() * 1000) })],
    ['counter the same', () => ({ counter: 1001 })],
    ["another's handle", () => ({ ...next(), userHandle: randomBytes(12).toString('base64url') })],
    ['not verified', () => ({ ...next(), isVerified: false })],
    ['not present', () => ({ ...next(), isPresent: false })],
    ['type', () => ({ ...next(), type: 'webauthn.create' })],
    ['frame', () => ({ ...next(), crossOrigin: true })],
    ['key', () => ({ ...next(), key: strangersKey })],
    ['signed bytes', () => ({ ...next(), signs: randomBytes(69) })],
  ]
  const rounds = Number(process.env.TEST_FORGED_ROUNDS ?? 6)
  let tried = 0
  const wrong: string[] = []
  async function attempt(what: string, forgery: Forgery, by: Authenticator, id?: string) {
    tried++
    const client = app.client()
    const options = await optionsOf(client, 'sign-in')
    const response = { ...by.assert(options, forgery), ...(id ? { id, rawId: id } : {}) }
    const answer = await client.post(`${path}/sign-in`, { response })
    if (answer.status !== 401 || client.cookie !== '') wrong.push(`${what}: ${answer.status}`)
  }
  for (let round = 0; round < rounds; round++)
    await Promise.all([
      ...forgeries.map(([what, forgery]) => attempt(what, forgery(), authenticator)),
      attempt("another's credential", next(), foreign, authenticator.id),
      attempt('an unknown credential', next(), createAuthenticator(origin)),
    ])
  expect(wrong).toEqual([])
  expect(tried).toBe(rounds * (forgeries.length + 2))
  expect((await signInBy(authenticator, next())).answer.status).toBe(200)
})
