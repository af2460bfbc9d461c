import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createBrowser, startConnectionApp, type ConnectionApp } from '../../support/connection'
import { tokenPath, uninstallPath } from '../../support/scripted-hubspot'
import { present } from '../../support/present'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

const back = 'https://app.hubspot.com/ecosystem/42/install?x=1'
const bad = [
  '//evil.test',
  'https://evil.test',
  'https://app.hubspot.com@evil.test',
  'https://app.hubspot.com.evil.test',
  'https://app.hubspot.com\\@evil.test',
  'javascript:alert(1)',
  'data:text/html,x',
  'http://app.hubspot.com/',
  'https://app.hubspot.com:8443/',
  '',
  ' ',
  '/settings',
  'https://app.hubspot.com/contacts/42',
  'https://app.hubspot.com/oauth/authorize?client_id=another&redirect_uri=https%3A%2F%2Fevil.test',
  'https://app.hubspot.com/ecosystem/42/install?redirect_uri=https%3A%2F%2Fevil.test',
  'https://app.hubspot.com/ecosystem/42/install?state=x',
  'https://app.hubspot.com%2f@evil.test',
]

let app: ConnectionApp
let admin: Awaited<ReturnType<ConnectionApp['person']>>
beforeAll(async () => {
  app = await startConnectionApp()
  admin = await app.person('Market')
})
afterAll(() => app.stop())

const open = (browser = admin.browser, query: Record<string, string>) => app.finish(browser, query)

/** The page asks, and on a yes its POST makes the state. */
async function begin(browser = admin.browser): Promise<string> {
  await app.forgetStarts()
  const answer = await browser.request('POST', `${app.base}/connect`, { json: { returnUrl: back } })
  return answer.body.state
}

const named = '/settings/hubspot/install?account=waiting'
const accept = (portalId: string, browser = admin.browser) =>
  browser.request('POST', `${app.base}/pending`, { json: { portalId } })

describe('an install that begins in the marketplace', () => {
  test("signs in, is asked, hands HubSpot a state and ends on HubSpot's page", async () => {
    const anonymous = createBrowser(app.url)
    const first = await open(anonymous, { step: 'authorize', returnUrl: back })
    const login = new URL(present(first.location), app.url)
    expect(login.pathname).toBe('/login')
    const next = new URL(present(login.searchParams.get('next')), app.url)
    expect(next.origin).toBe(app.url)
    expect(next.pathname).toBe('/v1/integrations/hubspot/callback')
    expect(Object.fromEntries(next.searchParams)).toEqual({ step: 'authorize', returnUrl: back })

    // Nothing is begun by a link, which may stand on anybody's page: the page asks first.
    const { oauthAttempts } = app.services.database.collections
    const attempts = await oauthAttempts.countDocuments()
    const second = await open(admin.browser, Object.fromEntries(next.searchParams))
    expect(second.location).toBe(`/settings/hubspot/install?returnUrl=${encodeURIComponent(back)}`)
    expect(second.headers.getSetCookie()).toEqual([])
    expect(await oauthAttempts.countDocuments()).toBe(attempts)
    const refused = await admin.browser.request('POST', `${app.base}/connect`, {
      json: { returnUrl: back },
      headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    })
    expect(refused.status).toBe(403)
    const state = await begin()
    expect(state).toMatch(/^[\w-]{43}$/)
    const query = { step: 'finalize', code: app.hubspot.code(501), state, returnUrl: back }
    const before = app.hubspot.count(tokenPath)
    expect((await open(admin.browser, query)).location).toBe(named)
    expect((await open(admin.browser, query)).location).toBe(named)
    expect(app.hubspot.count(tokenPath) - before).toBe(1)

    // Nothing counts before the account was seen: somebody else may have chosen it.
    const seen = await admin.browser.request('GET', app.base)
    expect(seen.body).toMatchObject({
      status: 'not_connected',
      portalId: null,
      summary: { state: 'not_connected' },
      pendingPortal: { portalId: '501', uiDomain: expect.any(String) },
    })
    expect((await app.integration(admin.partnerId))?.portal_id).toBeNull()
    expect((await admin.browser.request('GET', `${app.base}/token`)).status).toBe(409)
    const member = await app.person('Market', 'member')
    expect((await accept('501', member.browser)).status).toBe(403)
    expect((await accept('999')).status).toBe(404)
    expect((await app.integration(admin.partnerId))?.portal_id).toBeNull()
    const answers = await Promise.all([accept('501'), accept('501')])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
    expect(answers.find(({ status }) => status === 200)?.body).toEqual({ location: back })
    expect((await app.integration(admin.partnerId))?.portal_id).toBe('501')
    expect((await admin.browser.request('GET', `${app.base}/token`)).status).toBe(200)
  })

  test('gives the access back when the admin says no, or nothing for ten minutes', async () => {
    const other = await app.person('Careful market')
    const finalize = async (portalId: number) =>
      await open(other.browser, {
        step: 'finalize',
        code: app.hubspot.code(portalId),
        state: await begin(other.browser),
        returnUrl: back,
      })
    expect((await finalize(511)).location).toBe(named)
    const uninstalled = app.hubspot.count(uninstallPath)
    expect((await other.browser.request('DELETE', `${app.base}/pending`)).body).toMatchObject({
      status: 'not_connected',
      pendingPortal: null,
    })
    expect(app.hubspot.count(uninstallPath)).toBe(uninstalled + 1)
    expect((await accept('511', other.browser)).status).toBe(404)

    expect((await finalize(512)).location).toBe(named)
    app.time.offsetMs += 10 * 60_000 + 1000
    await app.prove()
    expect((await accept('512', other.browser)).status).toBe(404)
    expect((await app.integration(other.partnerId))?.status).toBe('disconnected')
    expect(JSON.stringify((await app.integration(other.partnerId))?.pending_grant ?? null)).toBe(
      'null',
    )
    app.time.offsetMs = 0
  })

  test('whose tokens cannot be opened any more is asked for again after the yes', async () => {
    const other = await app.person('Changed key')
    const { location } = await open(other.browser, {
      step: 'finalize',
      code: app.hubspot.code(515),
      state: await begin(other.browser),
      returnUrl: back,
    })
    expect(location).toBe(named)
    await app.services.database.collections.partners.updateOne(
      { _id: other.partnerId },
      {
        $set: { 'hubspot_integration.pending_grant.access_token': 'sealed by a key that is gone' },
      },
    )
    expect((await accept('515', other.browser)).body).toEqual({
      location: '/settings/hubspot?error=token_exchange_failed',
    })
    expect((await app.integration(other.partnerId))?.status).toBe('disconnected')
  })

  test('asks about another account than the one there is, and keeps it until the yes', async () => {
    const other = await app.person('Changing market')
    expect(await app.connect(other.browser, 521)).toBe('/settings/hubspot?success=true')
    const { location } = await open(other.browser, {
      step: 'finalize',
      code: app.hubspot.code(522),
      state: await begin(other.browser),
    })
    expect(location).toBe(named)
    expect((await app.integration(other.partnerId))?.portal_id).toBe('521')
    expect((await accept('522', other.browser)).body).toEqual({ location: back })
    expect((await app.integration(other.partnerId))?.portal_id).toBe('522')
  })

  test('goes back where the attempt began when the last step names nothing', async () => {
    expect(
      (
        await open(admin.browser, {
          step: 'finalize',
          code: app.hubspot.code(501),
          state: await begin(),
        })
      ).location,
    ).toBe(back)
  })

  test('refuses every other combination of step, code, state and session, without a token call', async () => {
    const member = await app.person('Market', 'member')
    const plain = await app.start(admin.browser)
    const before = app.hubspot.count(tokenPath)
    const code = app.hubspot.code(502)
    const table: [string, ReturnType<typeof createBrowser>, Record<string, string>, string][] = [
      [
        'code without state',
        admin.browser,
        { step: 'finalize', code, returnUrl: back },
        'invalid_state',
      ],
      [
        'code and return URL without step and state',
        admin.browser,
        { code, returnUrl: back },
        'invalid_state',
      ],
      ['code without anything', createBrowser(app.url), { code, returnUrl: back }, 'invalid_state'],
      [
        'anonymous with a good state',
        createBrowser(app.url),
        { step: 'finalize', code, state: await begin(), returnUrl: back },
        'invalid_state',
      ],
      [
        'state without code',
        admin.browser,
        { step: 'finalize', state: await begin(), returnUrl: back },
        'missing_code',
      ],
      ['nothing', admin.browser, { step: 'finalize', returnUrl: back }, 'missing_code'],
      [
        'a state of the settings page',
        admin.browser,
        { step: 'finalize', code, state: plain, returnUrl: back },
        'invalid_state',
      ],
      [
        'code in the first step',
        admin.browser,
        { step: 'authorize', code, returnUrl: back },
        'invalid_state',
      ],
      ['no return URL in the first step', admin.browser, { step: 'authorize' }, 'invalid_state'],
      ['a member', member.browser, { step: 'authorize', returnUrl: back }, 'forbidden'],
      ['another step', admin.browser, { step: 'install', returnUrl: back }, 'invalid_state'],
      ['an empty step', admin.browser, { step: '', code, returnUrl: back }, 'invalid_state'],
      [
        'an error',
        admin.browser,
        { step: 'finalize', error: 'access_denied', state: await begin() },
        'access_denied',
      ],
    ]
    for (const [name, browser, query, error] of table)
      expect((await open(browser, query)).location, name).toBe(`/settings/hubspot?error=${error}`)
    const twice = await admin.browser.request(
      'GET',
      `${app.base}/callback?step=authorize&step=finalize&returnUrl=${encodeURIComponent(back)}`,
    )
    expect(twice.location).toBe('/settings/hubspot?error=invalid_state')
    expect(app.hubspot.count(tokenPath)).toBe(before)
  })

  test('never leads to another site, in any step, for anybody', async () => {
    const anonymous = createBrowser(app.url)
    for (const returnUrl of bad) {
      for (const browser of [anonymous, admin.browser])
        expect((await open(browser, { step: 'authorize', returnUrl })).location, returnUrl).toBe(
          '/settings/hubspot?error=invalid_state',
        )
      expect(
        (
          await open(admin.browser, {
            step: 'finalize',
            code: app.hubspot.code(501),
            state: await begin(),
            returnUrl,
          })
        ).location,
        returnUrl,
      ).toBe('/settings/hubspot?error=invalid_state')
      const answer = await admin.browser.request('POST', `${app.base}/connect`, {
        json: { returnUrl },
      })
      expect(answer.body, returnUrl).toMatchObject({
        statusCode: 422,
        data: { code: 'validation_failed' },
      })
    }
  })
})
