import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { EncryptionKey } from '../../../server/config/configuration'
import { checkStoredEnvelopes } from '../../../server/connection/stored-envelopes'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { k1, k2, populate } from '../../support/sealed-partners'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())

const partners = () => app.services.database.collections.partners
const check = (...keys: EncryptionKey[]) =>
  checkStoredEnvelopes({ collections: app.services.database.collections, keys })

describe('a start', () => {
  test('with the right keys finds nothing, again and again and in several processes', async () => {
    await populate(app, 20)
    for (let turn = 0; turn < 3; turn++)
      expect(await Promise.all([check(k1), check(k2, k1)])).toEqual(
        Array.from({ length: 2 }, () => ({
          ok: true,
          sealable: true,
          problems: [],
          unknownKeys: {},
          damaged: [],
        })),
      )
  })

  test('with a key missing says which, and how much needs it', async () => {
    await populate(app, 20)
    const report = await check(k2)
    expect(report).toMatchObject({
      ok: false,
      sealable: true,
      unknownKeys: { k1: 42 },
      damaged: [],
    })
    expect(report.problems.join(' ')).toMatch(/42 stored tokens need the encryption key "k1"/)
  })

  test('with another value under a known id refuses, and nothing is overwritten', async () => {
    await populate(app, 20)
    await check(k1)
    const dump = JSON.stringify(await partners().find().toArray())
    const report = await check({ id: 'k1', secret: randomBytes(32) })
    expect(report).toMatchObject({ ok: false, sealable: false })
    await populate(app, 0)
    await check(k1)
    const empty = await check({ id: 'k1', secret: randomBytes(32) })
    expect(empty).toMatchObject({ ok: false, sealable: false })
    expect(empty.problems[0]).toContain('"k1" is not the one')
    expect(dump).toContain('v1.k1.')
  })

  test('with three damaged values of many leaves the others alone', async () => {
    const ids = await populate(app, 100)
    for (const id of ids.slice(0, 3))
      await partners().updateOne(
        { _id: id },
        {
          $set: {
            'hubspot_integration.access_token':
              'v1.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AAAA',
          },
        },
      )
    const report = await check(k1)
    expect(report).toMatchObject({ ok: true, sealable: true, problems: [] })
    expect(report.damaged).toEqual(ids.slice(0, 3).map(id => id.toHexString()))
  })

  test('that refused to seal asks HubSpot for nothing', async () => {
    const admin = await app.person('Sealed off')
    await app.connect(admin.browser, 7100)
    await app.expire(admin.partnerId)
    app.services.cipher.refuseToSeal()
    const calls = app.hubspot.calls.length
    await expect(
      app.services.connection.getValidAccessToken(admin.partnerId),
    ).rejects.toMatchObject({ code: 'hubspot_unavailable' })
    expect(await app.connect(admin.browser, 7100)).toBe(
      '/settings/hubspot?error=token_exchange_failed',
    )
    expect(app.hubspot.calls.length).toBe(calls)
    expect((await app.integration(admin.partnerId))?.status).toBe('connected')
  })
})
