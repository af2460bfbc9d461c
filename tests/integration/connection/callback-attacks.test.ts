import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createBrowser,
  startConnectionApp,
  type Browser,
  type ConnectionApp,
} from '../../support/connection'
import { tokenPath } from '../../support/scripted-hubspot'
import { present } from '../../support/present'
import { achievedBy } from './callback-attack'
import { providerErrors, unusableCodes, unusableStates } from './attack-shapes'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

/**
 * docs/security-checklist.md#a1 to #a21. Each case counts: no token call, nothing stored, no 5xx,
 * nothing echoed, one of the closed list of answers.
 */
let app: ConnectionApp
let admin: Awaited<ReturnType<ConnectionApp['person']>>
let cases = 0
let calls = 0

beforeAll(async () => {
  app = await startConnectionApp()
  admin = await app.person('Target')
})
beforeEach(() => {
  calls = app.hubspot.count(tokenPath)
})
afterAll(async () => {
  console.info(`callback: ${cases} attacks, 0 token calls, 0 connections`)
  expect(cases).toBeGreaterThanOrEqual(250)
  await app.stop()
})

const code = 'na1-ATTACK-code-0000-1111'

async function attack(
  browser: Browser,
  query: string,
  expected: string,
  headers: Record<string, string> = {},
): Promise<void> {
  cases++
  expect(
    await achievedBy(browser, query, expected, {
      headers,
      on: app,
      calls,
      victim: admin.partnerId,
    }),
    query,
  ).toEqual([])
}

describe('a callback without a state of ours', () => {
  test('is refused from any browser, with any shape of state', async () => {
    const anonymous = createBrowser(app.url)
    const onlyAttempt = createBrowser(app.url)
    await app.start(admin.browser)
    for (const [name, value] of admin.browser.jar)
      if (name.startsWith('hs_txn')) onlyAttempt.jar.set(name, value)
    for (const browser of [anonymous, onlyAttempt, admin.browser]) {
      for (const shape of unusableStates())
        await attack(browser, `?code=${code}${shape}`, 'invalid_state')
    }
  })
})

describe('a callback without a usable code', () => {
  test('is refused before the state is looked at', async () => {
    const state = await app.start(admin.browser)
    for (const shape of unusableCodes) {
      await attack(admin.browser, `?state=${state}${shape}`, 'missing_code')
      await attack(createBrowser(app.url), `?x=1${shape}`, 'missing_code')
    }
    const other = await app.person('Goes on')
    const unused = await app.start(other.browser)
    await attack(other.browser, `?state=${unused}`, 'missing_code')
    expect(
      (await app.finish(other.browser, { code: app.hubspot.code(76), state: unused })).location,
    ).toBe('/settings/hubspot?success=true')
  })
})

describe('an error of the provider', () => {
  test('becomes one of our codes and is never echoed, also beside a code, and uses the state up', async () => {
    for (const value of providerErrors) {
      await attack(
        admin.browser,
        `?error=${encodeURI(value).replaceAll('%25', '%')}`,
        'provider_error',
      )
      await attack(
        createBrowser(app.url),
        `?error=${encodeURI(value).replaceAll('%25', '%')}&code=${code}`,
        'provider_error',
      )
      if (!value.includes('&'))
        await attack(
          admin.browser,
          `?error=access_denied&error_description=${encodeURI(value).replaceAll('%25', '%')}`,
          'access_denied',
        )
    }
    const state = await app.start(admin.browser)
    await attack(admin.browser, `?error=access_denied&code=${code}&state=${state}`, 'access_denied')
    await attack(admin.browser, `?code=${app.hubspot.code(77)}&state=${state}`, 'invalid_state')
  })
})

describe('a state in another browser than its own (P2)', () => {
  test('is refused and burnt', async () => {
    const colleague = await app.person('Target')
    const stranger = await app.person('Elsewhere')
    const thieves: [string, () => Promise<Browser> | Browser][] = [
      ['colleague', () => colleague.browser],
      ['other partner', () => stranger.browser],
      ['anonymous', () => createBrowser(app.url)],
      ['same person, other browser', () => admin.signIn()],
      [
        'right session, no attempt cookie',
        () => {
          const browser = createBrowser(app.url)
          browser.jar.set('access_token', present(admin.browser.jar.get('access_token')))
          return browser
        },
      ],
      [
        'right session, foreign attempt cookie',
        () => {
          const browser = createBrowser(app.url)
          for (const [name, value] of admin.browser.jar)
            browser.jar.set(
              name,
              name.startsWith('hs_txn') ? randomBytes(32).toString('base64url') : value,
            )
          return browser
        },
      ],
      [
        'right attempt cookie, other person',
        () => {
          const browser = createBrowser(app.url)
          for (const [name, value] of admin.browser.jar)
            browser.jar.set(
              name,
              name === 'access_token' ? present(stranger.browser.jar.get(name)) : value,
            )
          return browser
        },
      ],
    ]
    for (let round = 0; round < 4; round++) {
      for (const [, thief] of thieves) {
        const state = await app.start(admin.browser)
        const query = `?code=${app.hubspot.code(78)}&state=${state}`
        await attack(await thief(), query, 'invalid_state')
        await attack(admin.browser, query, 'invalid_state')
      }
    }
    expect(await app.integration(stranger.partnerId)).toBeNull()
  })

  test('is refused after sign-out and a new sign-in', async () => {
    const person = await app.person('Target')
    const state = await app.start(person.browser)
    const again = await person.signIn()
    for (const [name, value] of person.browser.jar)
      if (name !== 'access_token') again.jar.set(name, value)
    await attack(again, `?code=${app.hubspot.code(79)}&state=${state}`, 'invalid_state')
  })
})

describe('a state out of its time or role (P2)', () => {
  test('is refused after ten minutes and taken just before', async () => {
    const state = await app.start(admin.browser)
    app.time.offsetMs = 10 * 60 * 1000 + 1000
    await attack(admin.browser, `?code=${app.hubspot.code(80)}&state=${state}`, 'invalid_state')
    app.time.offsetMs = 0
    const other = await app.person('In time')
    const inTime = await app.start(other.browser)
    app.time.offsetMs = 10 * 60 * 1000 - 30_000
    expect(
      (await app.finish(other.browser, { code: app.hubspot.code(81), state: inTime })).location,
    ).toBe('/settings/hubspot?success=true')
    app.time.offsetMs = 0
  })

  test('is refused once the person is no admin any more, or disabled', async () => {
    const { users } = app.services.database.collections
    const person = await app.person('Target')
    const state = await app.start(person.browser)
    const second = await app.start(person.browser)
    await users.updateOne({ _id: person.userId }, { $set: { role: 'member' } })
    await attack(person.browser, `?code=${app.hubspot.code(82)}&state=${state}`, 'forbidden')
    await users.updateOne({ _id: person.userId }, { $set: { role: 'admin', disabled: true } })
    await attack(person.browser, `?code=${app.hubspot.code(82)}&state=${second}`, 'invalid_state')
  })
})

describe('a used state (P2)', () => {
  test('does not take another code', async () => {
    const person = await app.person('Used')
    const state = await app.start(person.browser)
    expect((await app.finish(person.browser, { code: app.hubspot.code(83), state })).location).toBe(
      '/settings/hubspot?success=true',
    )
    calls = app.hubspot.count(tokenPath)
    await Promise.all(
      Array.from({ length: 50 }, () =>
        attack(person.browser, `?code=${app.hubspot.code(84)}&state=${state}`, 'invalid_state'),
      ),
    )
    await attack(await person.signIn(), `?code=${code}&state=${state}`, 'invalid_state')
    expect((await app.integration(person.partnerId))?.portal_id).toBe('83')
  })
})

describe('what is no navigation', () => {
  test('does not use a state up', async () => {
    const person = await app.person('Prefetch')
    const state = await app.start(person.browser)
    const path = app.callbackPath({ code: app.hubspot.code(85), state })
    const kinds: Record<string, string>[] = [
      { 'sec-purpose': 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'prefetch' },
      { 'x-moz': 'prefetch' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    ]
    for (const headers of kinds) {
      cases++
      // fetch sets sec-fetch-mode itself; what decides here is that a browser is speaking and that
      // it does not navigate.
      expect((await person.browser.request('GET', path, { headers })).status).toBe(403)
    }
    cases++
    expect((await person.browser.request('HEAD', path)).status).toBeGreaterThanOrEqual(400)
    expect(app.hubspot.count(tokenPath)).toBe(calls)
    expect((await person.browser.request('GET', path)).location).toBe(
      '/settings/hubspot?success=true',
    )
  })
})

describe('another issuer and a spoofed host', () => {
  test('change nothing of where things go', async () => {
    for (const iss of [
      'https://evil.test',
      'https://app.hubspot.com.evil.test',
      'app.hubspot.com',
      'a&iss=b',
    ]) {
      await attack(
        admin.browser,
        `?code=${code}&state=${await app.start(admin.browser)}&iss=${iss}`,
        'invalid_state',
      )
    }
    const spoofed: Record<string, string>[] = [
      { 'x-forwarded-host': 'evil.test' },
      { 'x-forwarded-proto': 'https' },
      { forwarded: 'host=evil.test' },
      { 'x-original-url': '/evil' },
    ]
    for (const headers of spoofed)
      await attack(admin.browser, `?code=${code}&state=x`, 'invalid_state', headers)
  })
})
