import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createClient } from '../../support/client'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { present } from '../../support/present'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

const password = 'a long enough password'
let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp({ env: { NUXT_TRUSTED_PROXIES: '1' } })
  // However long the hashes take, no wait ends meanwhile.
  app.time.stoppedAt = Date.now()
})
afterAll(() => app.stop())

const signIn = (
  email: string,
  guess: string,
  from: string,
  {
    client = createClient(app.url),
    signal,
  }: Partial<{
    client: ReturnType<typeof createClient>
    signal: AbortSignal
  }> = {},
) =>
  client.request('POST', '/api/v1/auth/login', {
    json: { email, password: guess },
    headers: { 'x-forwarded-for': from },
    signal,
  })
const outcomes = async () => {
  const { values } = await app.services.metrics.loginAttempts.get()
  return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]))
}

describe('a sign-in', () => {
  test('is counted before the password is looked at: of many guesses at once, five are', async () => {
    const { email } = await app.person('Guessed')
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, index) => signIn(email, `guess ${index}`, '203.0.113.1')),
    )
    const refused = answers.filter(answer => answer.status === 429)
    expect(answers.filter(answer => answer.status === 401)).toHaveLength(5)
    expect(refused).toHaveLength(115)
    for (const answer of refused)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('by the right password, many at once, wears no counter out', async () => {
    const { email } = await app.person('Busy')
    const { loginAttempts } = app.services.database.collections
    await loginAttempts.deleteMany({})
    for (let round = 0; round < 2; round++)
      for (const answer of await Promise.all(
        Array.from({ length: 4 }, () => signIn(email, password, '203.0.113.2')),
      ))
        expect(answer.status).toBe(200)
    expect(await loginAttempts.find({ failures: { $gt: 0 } }).toArray()).toEqual([])
  })

  test('from a browser that the account knows is refused by nobody else’s failures', async () => {
    const { email } = await app.person('Owner')
    const other = await app.person('Owner')
    const owner = createClient(app.url)
    expect((await signIn(email, password, '203.0.113.3', { client: owner })).status).toBe(200)
    const cookie = present(/known_browser=[^;]+/.exec(owner.cookie))[0]

    // The account, and the owner's own address as well, are guessed at from everywhere.
    const { loginAttempts } = app.services.database.collections
    const attack = () =>
      Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          signIn(email, 'a guess', index < 10 ? '203.0.113.3' : `198.51.100.${index}`),
        ),
      )
    await attack()
    await loginAttempts.updateMany(
      {},
      {
        $set: { failures: 500, blocked_until: new Date(Date.now() + 60_000) },
      },
    )
    const during = attack()
    const back = createClient(app.url)
    back.useCookie(cookie)
    expect((await signIn(email, password, '203.0.113.3', { client: back })).status).toBe(200)
    expect((await signIn(email, password, '203.0.113.3')).status).toBe(429)
    // It knows this account only, and a changed cookie knows none.
    const stranger = createClient(app.url)
    stranger.useCookie(cookie)
    expect((await signIn(other.email, 'x', '203.0.113.3', { client: stranger })).status).toBe(429)
    stranger.useCookie(`${cookie.slice(0, -2)}AA`)
    expect((await signIn(email, password, '203.0.113.3', { client: stranger })).status).toBe(429)
    for (const answer of await during) expect(answer.status).toBe(429)

    // Whoever stole the cookie guesses no faster than others.
    const thief = createClient(app.url)
    const guesses: number[] = []
    for (let index = 0; index < 8; index++) {
      thief.useCookie(cookie)
      guesses.push((await signIn(email, 'a guess', '203.0.113.9', { client: thief })).status)
    }
    expect(guesses.filter(status => status === 401)).toHaveLength(5)
  })

  test('whose client has hung up costs no hash', async () => {
    const before = await outcomes()
    const gone = new AbortController()
    const asked = Array.from({ length: 25 }, (_, index) =>
      signIn(`nobody-${index}@partner.test`, 'a guess', '203.0.113.77', { signal: gone.signal }),
    )
    await Promise.race(asked)
    gone.abort()
    await Promise.allSettled(asked)
    const answered = await vi.waitFor(
      async () => {
        const now = await outcomes()
        const count = (outcome: string) => Number(now[outcome] ?? 0) - Number(before[outcome] ?? 0)
        expect(count('refused') + count('throttled')).toBe(25)
        return { looked: count('refused'), dropped: count('throttled') }
      },
      { timeout: 60_000 },
    )
    expect(answered.dropped).toBeGreaterThan(15)
  })
})
