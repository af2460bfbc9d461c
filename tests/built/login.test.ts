import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLoginThrottle } from '../../server/accounts/throttle'
import { systemClock } from '../../server/config/clock'
import { createDatabase } from '../../server/database/client'
import { startApp, type RunningApp } from '../support/app'
import { codeOf, createClient, type Answer } from '../support/client'
import { startStack, type Stack } from '../support/stack'

let app: RunningApp
let stack: Stack
beforeAll(async () => {
  // Behind a load balancer: what one process counts, all of them count.
  stack = await startStack({ apps: 3, env: { NUXT_TRUSTED_PROXIES: '1' } })
  app = stack.app
})
afterAll(async () => {
  await stack.stop()
})

const partner = () => stack.aPartner()
/** A try from one address, as our one trusted proxy reports it. */
function attempt(
  email: string,
  password: string,
  address: string,
  claimed?: string,
  client = createClient(app.url),
) {
  return client.request('POST', '/api/v1/auth/login', {
    json: { email, password },
    headers: { 'x-forwarded-for': claimed ? `${claimed}, ${address}` : address },
  })
}

/**
 * Guesses until the next try has to wait for seconds: then a slow machine cannot let that time pass
 * before a test asks again. @returns the answers
 */
async function guessUntilSlowed(email: string, from: (index: number) => [string, string?]) {
  const answers: Answer[] = []
  for (let index = 0; index < 40; index++) {
    const answer = await attempt(email, `guess ${index}`, ...from(index))
    answers.push(answer)
    const seconds = Number(answer.headers.get('retry-after') ?? 0)
    if (seconds >= 4) return answers
    await wait(seconds * 1000)
  }
  throw new Error('Nothing slowed the guesses down')
}

describe('signing in', () => {
  it('sets the cookie that scripts cannot read, and keeps the token out of the body', async () => {
    const { admin, id, name } = await partner()
    const answer = await attempt(admin.email.toUpperCase(), admin.password, '198.51.100.1')
    expect(answer.json).toEqual({
      user: { id: admin.id.toHexString(), email: admin.email, role: 'admin' },
      partner: { id: id.toHexString(), name },
    })
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(
      /^access_token=eyJ[^;]+; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    expect(answer.text).not.toContain(cookie.split(/[=;]/)[1])
  })

  it('marks the cookie Secure where the app is reached by https', async () => {
    const { admin } = await partner()
    const secure = await startApp({
      mongodbUri: stack.database.uri,
      database: stack.database.database,
      env: {
        NUXT_PUBLIC_HUBSPOT_REDIRECT_URI:
          'https://app.example.test/v1/integrations/hubspot/callback',
      },
    })
    try {
      expect(
        (
          await createClient(secure.url).signIn(admin.email, admin.password)
        ).headers.getSetCookie()[0],
      ).toContain('Secure')
    } finally {
      await secure.stop()
    }
  })

  it('refuses every wrong way alike', async () => {
    const { admin } = await partner()
    const answers = await Promise.all([
      attempt(admin.email, 'not the password', '198.51.100.2'),
      attempt('nobody@partner.test', 'not the password', '198.51.100.3'),
      attempt(`${admin.email} `, `${admin.password} `, '198.51.100.4'),
    ])
    const bodies = answers.map(answer => answer.text.replace(/"correlationId":"[^"]+"/, ''))
    expect(new Set(bodies).size).toBe(1)
    expect(
      answers.map(answer => [answer.status, codeOf(answer), answer.headers.getSetCookie().length]),
    ).toEqual(answers.map(() => [401, 'invalid_credentials', 0]))
  })

  it('takes no operator for an address or a password', async () => {
    for (const json of [
      { email: { $ne: '' }, password: { $ne: '' } },
      { email: ['a@b.test'], password: 'x' },
      { email: 'a@b.test', password: { $regex: '.*' } },
      null,
      [],
      1,
      'text',
      { email: 'a@b.test' },
      { email: 'a@b.test', password: 'x', role: 'admin' },
    ]) {
      const answer = await createClient(app.url).request('POST', '/api/v1/auth/login', { json })
      expect([answer.status, codeOf(answer)], JSON.stringify(json)).toEqual([
        422,
        'validation_failed',
      ])
    }
  })
})

describe('guessing', () => {
  it("is slowed down per account and address, whatever the client writes in front of our proxy's word", async () => {
    const { admin } = await partner()
    const guesses = await guessUntilSlowed(admin.email, index => ['203.0.113.9', `10.0.0.${index}`])
    expect(guesses.slice(0, 5).map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
    expect(guesses.at(-1)?.status).toBe(429)
    const throttled = await attempt(admin.email, admin.password, '203.0.113.9')
    expect([throttled.status, codeOf(throttled)]).toEqual([429, 'too_many_attempts'])
    expect(Number(throttled.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('locks nobody out: the owner gets in from elsewhere meanwhile', async () => {
    const { admin } = await partner()
    await guessUntilSlowed(admin.email, () => ['203.0.113.20'])
    expect((await attempt(admin.email, admin.password, '203.0.113.20')).status).toBe(429)
    expect((await attempt(admin.email, admin.password, '203.0.113.21')).status).toBe(200)
  })

  it('at three processes at once is counted once, and the owner gets in meanwhile', async () => {
    const { admin } = await partner()
    const at = (index: number) => createClient(stack.apps[index % 3]?.url ?? '')
    const owner = at(0)
    const signIn = () => attempt(admin.email, admin.password, '203.0.113.30', undefined, owner)
    expect((await signIn()).status).toBe(200)
    const guesses = Array.from({ length: 120 }, (_, index) =>
      attempt(admin.email, `guess ${index}`, '203.0.113.30', undefined, at(index)),
    )
    // The same address, and the browser that the account knows: it waits for nobody.
    expect((await signIn()).status).toBe(200)
    const answers = await Promise.all(guesses)
    const looked = answers.filter(answer => answer.status === 401).length
    const refused = answers.filter(answer => answer.status === 429)
    process.stdout.write(`Login throttle: ${looked} of 120 guesses at once were looked at\n`)
    expect(looked + refused.length).toBe(120)
    // Five, and one more for each wait that is over before all are answered: 1 s, 2 s, 4 s …
    expect(looked).toBeLessThanOrEqual(8)
    for (const answer of refused)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await signIn()).status).toBe(200)
  })

  it('counts a whole IPv6 network as one address', async () => {
    const { admin } = await partner()
    await guessUntilSlowed(admin.email, index => [`2001:db8:1:2::${index + 1}`])
    expect((await attempt(admin.email, admin.password, '2001:db8:1:2:ffff::1')).status).toBe(429)
    expect((await attempt(admin.email, admin.password, '2001:db8:1:3::1')).status).toBe(200)
  })

  it('over many accounts from one address is slowed down as well', async () => {
    // Forty-eight wrong guesses are counted as the server counts them, without the cost of a hash.
    const { database, uri } = stack.database
    const store = createDatabase({ uri, database })
    const throttle = createLoginThrottle({ collections: store.collections, clock: systemClock })
    for (let index = 0; index < 48; index++)
      await throttle.take({
        email: `nobody-${index}@partner.test`,
        address: '203.0.113.77',
        knownBrowser: null,
      })
    await store.close()
    const statuses: number[] = []
    for (let index = 48; index < 60; index++)
      statuses.push((await attempt(`nobody-${index}@partner.test`, 'guess', '203.0.113.77')).status)
    // The fiftieth is the first one that has to wait; how long depends on the machine.
    expect(statuses.slice(0, 2)).toEqual([401, 401])
    expect(statuses).toContain(429)
  })
})
