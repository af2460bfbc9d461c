import { createHash, randomBytes } from 'node:crypto'
import { defineEventHandler, getQuery, sendRedirect } from 'h3'
import { describe, expect, test, vi } from 'vitest'
import { createBrowser, startConnectionApp } from '../../support/connection'
import { achievedBy } from './callback-attack'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

describe('a callback that forgets who began', () => {
  test('would be seen to connect, by the same attack', async () => {
    // Takes every state as if the session and the browser that began it had brought it: what state
    // alone, without its binding, is worth.
    const careless = defineEventHandler(async event => {
      const { collections } = target.services.database
      const query: Record<string, unknown> = getQuery(event)
      const secret = randomBytes(32).toString('base64url')
      const hash = (text: string) => createHash('sha256').update(text).digest('hex')
      const attempt = await collections.oauthAttempts.findOneAndUpdate(
        { state_hash: hash(String(query.state)) },
        { $set: { browser_hash: hash(secret) } },
      )
      const signedIn = attempt && {
        sessionId: attempt.session_id,
        user: { id: attempt.user_id, email: 'victim@example.test', role: 'admin' as const },
        partner: { id: attempt.partner_id, name: 'Victim' },
      }
      const { location } = await target.services.connection.callback({
        query,
        signedIn,
        takeBrowserSecret: () => secret,
      })
      return await sendRedirect(event, location)
    })
    const target = await startConnectionApp({ callback: careless })
    try {
      const victim = await target.person('Victim')
      const state = await target.start(victim.browser)
      const achieved = await achievedBy(
        createBrowser(target.url),
        `?code=${target.hubspot.code(90)}&state=${state}`,
        'invalid_state',
        { on: target, calls: 0, victim: victim.partnerId },
      )
      expect(achieved).toEqual(
        expect.arrayContaining([
          'a redirect to /settings/hubspot?success=true',
          'a token call',
          'a connection',
        ]),
      )
    } finally {
      await target.stop()
    }
  })
})
