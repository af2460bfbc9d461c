import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { codeOf, type Client } from '../../support/client'
import { firstPassword, goodPassword, startPeopleApp, type PeopleApp } from '../../support/people'
import { startSmtpInbox, type SmtpInbox } from '../alerts/smtp-inbox'

// Passwords cost what a hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

let inbox: SmtpInbox
let app: PeopleApp
beforeAll(async () => {
  inbox = await startSmtpInbox()
  app = await startPeopleApp({
    env: { NUXT_SMTP_URL: inbox.url, NUXT_ALERT_FROM: 'app@operator.test' },
  })
})
afterAll(async () => {
  await app.stop()
  await inbox.close()
})

const isIn = async (client: Client) => (await client.get('/api/v1/auth/me')).status === 200
const change = (client: Client, current: string, next: string) =>
  client.post('/api/v1/auth/password', { current, next })
const ask = (email: string) => app.client().post('/api/v1/auth/password/reset-request', { email })
const reset = (token: string, password: string) =>
  app.client().post('/api/v1/auth/password/reset', { token, password })
const mailsTo = (email: string) => inbox.mails.filter(mail => mail.to.includes(email))
async function tokenMailedTo(email: string): Promise<string> {
  const mail = await vi.waitFor(() => {
    const found = mailsTo(email).at(-1)
    expect(found).toBeDefined()
    return found
  }, 10_000)
  return /#token=([\w-]{43})\s/.exec(mail?.body ?? '')?.[1] ?? ''
}

describe('changing the own password', () => {
  test('needs the present one, ends the other sessions, and keeps this one', async () => {
    const { client, email } = await app.somebody('Changing')
    const other = await app.signIn(email)
    expect(codeOf(await change(client, 'not the password', goodPassword))).toBe(
      'invalid_credentials',
    )
    const answer = await change(client, firstPassword, goodPassword)
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect([await isIn(client), await isIn(other)]).toEqual([true, false])
    expect((await app.client().signIn(email, firstPassword)).status).toBe(401)
    expect((await app.client().signIn(email, goodPassword)).status).toBe(200)
  })

  test('refuses a poor one, also one made of the own address', async () => {
    const { client, email } = await app.somebody('Poor ones')
    for (const poor of ['short', 'password1234', `${email}-2026`, 'Poor ones 2026'])
      expect(codeOf(await change(client, firstPassword, poor)), poor).toBe('weak_password')
    expect((await app.client().signIn(email, firstPassword)).status).toBe(200)
  })

  test('slows guesses down', async () => {
    const { client } = await app.somebody('Guessed')
    // However long the hashes take, no wait ends meanwhile.
    app.time.stoppedAt = Date.now()
    const codes: (string | undefined)[] = []
    for (let tries = 0; tries < 8; tries++)
      codes.push(codeOf(await change(client, `guess ${tries}`, goodPassword)))
    app.time.stoppedAt = null
    expect(codes.filter(code => code === 'invalid_credentials')).toHaveLength(5)
    expect(codes.filter(code => code === 'too_many_attempts')).toHaveLength(3)
  })
})

describe('a forgotten password', () => {
  test('is set by the link of an e-mail, once, and every session ends', async () => {
    const { client, email } = await app.somebody('Forgotten')
    expect((await ask(email)).status).toBe(202)
    const token = await tokenMailedTo(email)
    expect(codeOf(await reset(token, 'password1234'))).toBe('weak_password')
    expect((await reset(token, goodPassword)).status).toBe(204)
    expect(await isIn(client)).toBe(false)
    expect((await app.client().signIn(email, goodPassword)).status).toBe(200)
    expect(codeOf(await reset(token, `${goodPassword} again`))).toBe('link_invalid')
  })

  test('of an address without an account answers the same, and mails nobody', async () => {
    const { email } = await app.somebody('Known')
    const disabled = await app.somebody('Known', 'member')
    await app.services.database.collections.users.updateOne(
      { _id: disabled.userId },
      { $set: { disabled: true } },
    )
    const answers = await Promise.all([ask(email), ask('nobody@known.test'), ask(disabled.email)])
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    await tokenMailedTo(email)
    expect(mailsTo('nobody@known.test')).toEqual([])
    expect(mailsTo(disabled.email)).toEqual([])
  })

  test('asked for again at once sends no second e-mail', async () => {
    const { email } = await app.somebody('Impatient')
    await ask(email)
    await tokenMailedTo(email)
    await ask(email)
    // Another person's mail leaves later than the second one of the first would have.
    const { email: later } = await app.somebody('Impatient')
    await ask(later)
    await tokenMailedTo(later)
    expect(mailsTo(email)).toHaveLength(1)
  })

  test('link counts for an hour', async () => {
    const { email } = await app.somebody('Too late')
    await ask(email)
    const token = await tokenMailedTo(email)
    try {
      app.time.offsetMs = 60 * 60 * 1000 + 1000
      expect(codeOf(await reset(token, goodPassword))).toBe('link_invalid')
    } finally {
      app.time.offsetMs = 0
    }
  })

  test('made up links are refused alike', async () => {
    for (const token of ['x', 'A'.repeat(43), '$ne'])
      expect(codeOf(await reset(token, goodPassword))).toBe('link_invalid')
  })
})

test('with e-mail an invitation goes out by it, and the admin sees no link; without an answer of the mail server they do', async () => {
  const { client, email: inviter } = await app.somebody('Mailed')
  const invite = (email: string) =>
    client.post('/api/v1/users/invitations', { email, role: 'member' })
  expect((await invite('guest@mailed.test')).json).toMatchObject({ link: null })
  const [mail] = mailsTo('guest@mailed.test')
  expect(mail?.subject).toBe('[Partner Connector] You are invited')
  expect(mail?.body).toContain(inviter)
  const accepted = await app.client().post('/api/v1/auth/invitation', {
    token: await tokenMailedTo('guest@mailed.test'),
    password: goodPassword,
  })
  expect(accepted.status).toBe(200)

  inbox.refuse(1)
  expect((await invite('unreached@mailed.test')).json).toMatchObject({
    link: expect.stringContaining('#token='),
  })
  expect(app.logged.join('')).not.toMatch(/#token=[\w-]{20,}/)
})

test('admins are told by e-mail of a passkey, an export and a sign-in from a new browser', async () => {
  const admin = await app.somebody('Told')
  await admin.client.get('/api/v1/leads/export')
  await app.signIn(admin.email)
  await app.signIn(admin.email)
  const subjects = () => mailsTo(admin.email).map(mail => mail.subject)
  await vi.waitFor(
    () =>
      expect(subjects()).toEqual([
        '[Partner Connector] Data was exported',
        '[Partner Connector] A sign-in from a new browser',
      ]),
    10_000,
  )
  expect(mailsTo(admin.email)[0]?.body).toContain('exported leads')
  expect((await admin.client.get('/api/v1/notices')).json).toMatchObject({ items: [] })
})
