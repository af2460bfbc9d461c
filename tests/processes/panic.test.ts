import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startConnectionApp, type ConnectionApp } from '../support/connection'
import {
  json,
  revokePath,
  tokenPath,
  uninstallPath,
  type Answerer,
} from '../support/scripted-hubspot'
import { runScript } from '../support/script'
import { grantedPartners } from '../support/sealed-partners'
import { present } from '../support/present'

let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())

/** `npm run panic` */
function panic(args = ['--yes']) {
  const run = runScript(new URL('../../scripts/panic.ts', import.meta.url), args, app.environment)
  const output: string[] = []
  run.child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  return { ...run, output: () => output.join('') }
}
const partners = () => app.services.database.collections.partners
const connected = () => partners().countDocuments({ 'hubspot_integration.status': 'connected' })

describe('the panic command', () => {
  test('ends 240 connections here and at HubSpot, goes on after a kill, and tells what remains', async () => {
    await grantedPartners(app, 240, { firstPortal: 60_000, expired: index => index % 2 === 0 })
    const count = 240
    let [inFlight, most] = [0, 0]
    const counted =
      (path: string): Answerer =>
      async (request, response, call) => {
        most = Math.max(most, ++inFlight)
        // As far away as HubSpot is.
        await new Promise(resolve => setTimeout(resolve, 40))
        inFlight -= 1
        return app.hubspot.usual(path)(request, response, call)
      }
    for (const path of [tokenPath, uninstallPath, revokePath])
      app.hubspot.answer(path, counted(path))

    // Without the word nothing happens.
    expect(await panic([]).ended).toBe(1)
    expect(await connected()).toBe(count)

    const broken = panic()
    await vi.waitFor(
      async () => {
        if ((await connected()) > count - 40) throw new Error('Not far enough yet')
      },
      { timeout: 60_000, interval: 20 },
    )
    await broken.kill()
    const left = await connected()
    expect(left).toBeGreaterThan(0)

    // Five of the rest cannot be told.
    const deaf = new Set(
      (
        await partners()
          .find({ 'hubspot_integration.status': 'connected' })
          .sort({ _id: -1 })
          .limit(5)
          .toArray()
      ).map(partner => Number(present(partner.hubspot_integration).portal_id)),
    )
    const ofDeaf = (value: string | undefined) =>
      deaf.has(app.hubspot.accessTokens.get((value ?? '').replace(/^Bearer /, '')) ?? 0)
    app.hubspot.answer(uninstallPath, (request, response, call) =>
      ofDeaf(request.headers.authorization)
        ? json(response, 503, {})
        : counted(uninstallPath)(request, response, call),
    )
    const again = panic()
    expect(await again.ended).toBe(0)
    const [, done, total, rate, remaining] =
      /(\d+) of (\d+) disconnected in [\d.]+ s \(([\d.]+) per second\); (\d+) still to be told to HubSpot, 0 failed/.exec(
        again.output(),
      ) ?? []
    console.info(
      `panic: ${count - left} ended before the kill, ${done} of ${total} after it, ${rate} connections a second, ${remaining} still to be told to HubSpot; ${most} calls at once at most`,
    )
    expect([Number(done), Number(total)]).toEqual([left, left])
    expect(
      await partners().countDocuments({
        'hubspot_integration.status': 'disconnected',
        'hubspot_integration.access_token': null,
        'hubspot_integration.refresh_token': null,
      }),
    ).toBe(count)
    // The five, and up to eight that the kill broke off between here and HubSpot.
    expect(Number(remaining)).toBe(
      await partners().countDocuments({ 'hubspot_integration.remote_cleanup': { $ne: null } }),
    )
    expect(Number(remaining)).toBeGreaterThanOrEqual(5)
    expect(Number(remaining)).toBeLessThanOrEqual(5 + 8)
    expect(most).toBeLessThanOrEqual(8)
    expect(most).toBeGreaterThan(1)

    for (const path of [tokenPath, uninstallPath, revokePath]) app.hubspot.answer(path, null)
    app.time.offsetMs = 2 * 60 * 1000
    await app.services.connection.maintain()
    app.time.offsetMs = 0
    expect(
      await partners().countDocuments({ 'hubspot_integration.remote_cleanup': { $ne: null } }),
    ).toBe(0)
    expect(
      [...app.hubspot.refreshTokens.values()].filter(grant => grant.portalId >= 60_000),
    ).toEqual([])

    const last = panic()
    expect(await last.ended).toBe(0)
    expect(last.output()).toContain('0 of 0 disconnected')
    // The one that was killed could not say so.
    expect(
      await app.services.database.collections.auditLog.find({ action: 'panic' }).toArray(),
    ).toEqual([
      expect.objectContaining({
        outcome: 'ok',
        details: expect.objectContaining({ total: left, disconnected: left, failed: 0 }),
      }),
      expect.objectContaining({ details: expect.objectContaining({ total: 0 }) }),
    ])
  }, 300_000)
})
