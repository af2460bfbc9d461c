import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NoticeWebhookSet } from '#shared/contracts/notices'
import { rotateKeys } from '../../../server/connection/key-rotation'
import { createCipher } from '../../../server/database/encryption'
import { codeOf } from '../../support/client'
import { startPeopleApp, type PeopleApp } from '../../support/people'

const path = '/api/v1/notices/webhook'
const got: { headers: Record<string, unknown>; body: string }[] = []
let app: PeopleApp
let receiver: Server
let url: string
beforeAll(async () => {
  app = await startPeopleApp({ env: { NUXT_NOTICE_WEBHOOK_ANYWHERE: 'true' } })
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', part => (body += String(part)))
    request.on('end', () => {
      got.push({ headers: request.headers, body })
      response.end('ok')
    })
  })
  await new Promise<void>(done => receiver.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/services/T0/B0/long-secret`
})
afterAll(async () => {
  receiver.close()
  await app.stop()
})

describe('the address that notices are sent to', () => {
  test('is set by an admin, with a secret told once, sealed, audited, and opens after a key rotation', async () => {
    const { client, partnerId } = await app.somebody('Own address')
    const answer = await client.request('PUT', path, { json: { url } })
    expect(answer.status).toBe(200)
    const { secret, ...shown } = answer.json as NoticeWebhookSet
    expect(shown).toMatchObject({ address: '127.0.0.1/…cret', last: null })
    expect((await client.get(path)).json).toEqual(shown)

    const { partners, auditLog } = app.services.database.collections
    const stored = JSON.stringify(await partners.findOne({ _id: partnerId }))
    expect(stored).not.toContain('long-secret')
    expect(stored).not.toContain(secret)
    const audited = await auditLog.find({ partner_id: partnerId }).toArray()
    expect(audited.map(({ action }) => action)).toContain('notice_webhook.set')
    expect(JSON.stringify(audited)).not.toContain('long-secret')

    const { encryptionKeys } = app.services.configuration
    const report = await rotateKeys({
      collections: app.services.database.collections,
      cipher: createCipher([{ id: 'k2', secret: Buffer.alloc(32, 'rotated') }, ...encryptionKeys]),
      verify: true,
    })
    expect(report.unreadable).toEqual([])
    expect(Object.values(report.byKey).reduce((sum, one) => sum + one, 0)).toBeGreaterThan(1)

    const tested = await client.post(`${path}/test`, {})
    expect(tested.json).toMatchObject({ ok: true, status: 200, problem: null })
    const [{ headers, body } = { headers: {}, body: '' }] = got
    const mac = createHmac('sha256', secret)
      .update(`${String(headers['x-partner-connector-timestamp'])}.${body}`)
      .digest('hex')
    expect(headers['x-partner-connector-signature']).toBe(`v1=${mac}`)
    expect(headers['x-partner-connector-event']).toBe('test')
    expect((await client.get(path)).json).toMatchObject({ last: { ok: true } })

    expect((await client.request('DELETE', path)).status).toBe(204)
    expect((await client.get(path)).json).toMatchObject({ address: null })
    expect((await client.post(`${path}/test`, {})).status).toBe(404)
  })

  test('gets what an admin did, without a mail server', async () => {
    const { client, partnerId } = await app.somebody('Told')
    await client.request('PUT', path, { json: { url } })
    got.length = 0
    await app.services.audit.record({
      partnerId,
      actor: { kind: 'user', user_id: null, email: 'ada@partner.example' },
      action: 'hubspot.settings',
      details: { paused: true, pauseReason: 'We clean up <!channel>' },
    })
    await expect.poll(() => got.length, { timeout: 20_000 }).toBe(1)
    expect(got[0]?.body).toContain('ada@partner.example paused syncing')
    expect(got[0]?.body).toContain('We clean up &lt;!channel&gt;')
  })

  test('is refused with a password in it, to members, and without a proof of who asks', async () => {
    const { client } = await app.somebody('Refused')
    expect(
      codeOf(
        await client.request('PUT', path, { json: { url: 'https://user:pw@hooks.example/' } }),
      ),
    ).toBe('validation_failed')
    for (const wrong of ['ftp://hooks.example/', 'not an address', 'javascript:alert(1)'])
      expect((await client.request('PUT', path, { json: { url: wrong } })).status).toBe(422)
    const member = await app.somebody('Refused', 'member')
    expect(codeOf(await member.client.request('PUT', path, { json: { url } }))).toBe('forbidden')
    const late = await app.somebody('Refused')
    app.time.offsetMs = 6 * 60 * 1000
    expect(codeOf(await late.client.request('PUT', path, { json: { url } }))).toBe(
      'step_up_required',
    )
    app.time.offsetMs = 0
  })
})

test('everybody chooses for themselves how they hear of notices', async () => {
  const { client, email } = await app.somebody('Choices', 'member')
  const preferences = '/api/v1/notices/preferences'
  expect((await client.get(preferences)).json).toEqual({
    kinds: {
      reauthorization_required: 'off',
      sync_stale: 'off',
      mapping_drift: 'off',
      sync_paused: 'off',
    },
    email,
    canMail: false,
    timeZone: 'UTC',
  })
  const answer = await client.request('PUT', preferences, {
    json: { kinds: { sync_stale: 'daily' } },
  })
  expect(answer.json).toMatchObject({ kinds: { sync_stale: 'daily', mapping_drift: 'off' } })
  expect(
    (await client.request('PUT', preferences, { json: { kinds: { passkey_changed: 'off' } } }))
      .status,
  ).toBe(422)
})
