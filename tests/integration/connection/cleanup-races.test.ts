import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { revokePath, uninstallPath, type Answerer } from '../../support/scripted-hubspot'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

let app: ConnectionApp
let portal = 9100
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())
afterEach(() => {
  for (const path of [uninstallPath, revokePath]) app.hubspot.answer(path, null)
  app.time.offsetMs = 0
})

/** Lets a call to this address wait in front of HubSpot's door until the test opens it. */
function hold(path: string) {
  let arrived: () => void = () => {}
  let open: () => void = () => {}
  const reached = new Promise<void>(resolve => (arrived = resolve))
  const opened = new Promise<void>(resolve => (open = resolve))
  const answerer: Answerer = async (request, response, call) => {
    arrived()
    await opened
    return app.hubspot.usual(path)(request, response, call)
  }
  app.hubspot.answer(path, answerer)
  return { reached, open: () => open() }
}
const isAlive = (portalId: number) =>
  [...app.hubspot.refreshTokens.values()].some(grant => grant.portalId === portalId)

describe.each([
  ['the uninstall', uninstallPath],
  ['the revocation', revokePath],
])('a clean-up that is at %s', (_name, path) => {
  test.each(['the same partner', 'another partner'])(
    'ends no grant that %s gets meanwhile',
    async who => {
      const portalId = ++portal
      const before = await app.person(`Before ${portalId}`)
      expect(await app.connect(before.browser, portalId)).toContain('success')
      // The first try fails; the background tries again when the portal is free for others.
      const away: Answerer = (_request, response) => void response.writeHead(503).end()
      app.hubspot.answer(uninstallPath, away)
      app.hubspot.answer(revokePath, away)
      await before.browser.request('DELETE', `${app.base}/disconnect`)
      for (const each of [uninstallPath, revokePath]) app.hubspot.answer(each, null)

      const held = hold(path)
      app.time.offsetMs = 3 * 60 * 1000
      const cleanup = app.services.connection.maintain()
      await held.reached
      const next = who === 'the same partner' ? before : await app.person(`Next ${portalId}`)
      const connecting = app.connect(next.browser, portalId)
      setTimeout(held.open, 300)
      await cleanup
      const location = await connecting

      // Either it is connected and the grant lives, or it says so and nothing is stored.
      const integration = await app.integration(next.partnerId)
      if (location?.includes('success')) {
        expect(integration?.status).toBe('connected')
        expect(isAlive(portalId)).toBe(true)
      } else {
        expect(location).toContain('error=token_exchange_failed')
        expect(integration?.status ?? null).not.toBe('connected')
      }
      expect(await app.connect(next.browser, portalId)).toContain('success')
      app.time.offsetMs = 24 * 60 * 60 * 1000
      await app.services.connection.maintain()
      expect(isAlive(portalId)).toBe(true)
      const { portalReservations } = app.services.database.collections
      const until = { $gt: new Date(Date.now() + app.time.offsetMs) }
      expect(await portalReservations.countDocuments({ until })).toBe(0)
    },
  )
})
