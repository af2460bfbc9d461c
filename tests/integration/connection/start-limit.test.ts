import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createServices } from '../../../server/services'
import { createBrowser, startConnectionApp, type ConnectionApp } from '../../support/connection'
import { present } from '../../support/present'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

const back = 'https://app.hubspot.com/ecosystem/42/install'
let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())

const connect = (browser: ReturnType<typeof createBrowser>) =>
  browser.request('POST', `${app.base}/connect`, { json: {} })
const attempts = (userId: Awaited<ReturnType<ConnectionApp['person']>>['userId']) =>
  app.services.database.collections.oauthAttempts.countDocuments({ user_id: userId })

describe('connecting', () => {
  test('is begun ten times a minute by one person, and then waits as long as the answer says', async () => {
    const admin = await app.person('Eager')
    for (let turn = 0; turn < 10; turn++) expect((await connect(admin.browser)).status).toBe(200)
    const refused = await connect(admin.browser)
    expect(refused.body).toMatchObject({ statusCode: 429, data: { code: 'too_many_attempts' } })
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(60)
    expect(refused.headers.getSetCookie()).toEqual([])
    expect(await attempts(admin.userId)).toBe(10)
    // Another session of theirs counts together with it, another person does not.
    expect((await connect(await admin.signIn())).status).toBe(429)
    const colleague = await app.person('Eager')
    expect((await connect(colleague.browser)).status).toBe(200)

    app.time.offsetMs += seconds * 1000
    expect((await connect(admin.browser)).status).toBe(200)
  })

  test('is begun ten times a minute by one person, whichever process is asked', async () => {
    const { collections } = app.services.database
    const admin = await app.person('Everywhere')
    const others = Array.from({ length: 3 }, () =>
      createServices(app.configuration, { clock: app.services.clock, log: app.services.log }),
    )
    try {
      const user = await collections.users.findOne({ _id: admin.userId })
      const session = await collections.sessions.findOne({ user_id: admin.userId })
      const signedIn = {
        sessionId: present(session)._id,
        user: { id: admin.userId, email: admin.email, role: present(user).role },
        partner: { id: admin.partnerId, name: 'Everywhere' },
      }
      const asked = await Promise.allSettled(
        Array.from({ length: 40 }, (_, turn) =>
          present([app.services, ...others][turn % 4]).connection.connect(signedIn, {}),
        ),
      )
      expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
      for (const answer of asked)
        if (answer.status === 'rejected')
          expect(answer.reason).toMatchObject({ code: 'too_many_attempts' })
    } finally {
      await Promise.all(others.map(services => services.stop()))
    }
  })

  test('from the marketplace counts as well', async () => {
    const admin = await app.person('Market')
    const install = () =>
      admin.browser.request('POST', `${app.base}/connect`, { json: { returnUrl: back } })
    for (let turn = 0; turn < 10; turn++) expect((await install()).status).toBe(200)
    expect((await install()).status).toBe(429)
    expect((await connect(admin.browser)).status).toBe(429)
  })

  test('forgets the counts once they are of no use', async () => {
    const { connectStarts } = app.services.database.collections
    expect(await connectStarts.countDocuments()).toBeGreaterThan(0)
    app.time.offsetMs += 61 * 60 * 1000
    await app.services.connection.maintain()
    expect(await connectStarts.countDocuments()).toBe(0)
  })
})
