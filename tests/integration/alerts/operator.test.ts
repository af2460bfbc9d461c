import { ObjectId } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { createAlerts } from '../../../server/alerts/index'
import { createMetrics } from '../../../server/observability/metrics'
import { useAlertBench } from './alert-bench'

const bench = useAlertBench()
const { anotherProcess, at, set, kinds } = bench

describe('the operator', () => {
  test('hears of bad client configuration once, for all partners together, and no partner sees it', async () => {
    const alerts = anotherProcess()
    const other = anotherProcess()
    for (let i = 0; i < 50; i++)
      await (i % 2 ? alerts : other).raise({
        partnerId: null,
        kind: 'hubspot_configuration',
        message: "HubSpot refuses this installation's client secret.",
      })
    await Promise.all([alerts.stop(), other.stop()])
    expect(bench.inbox.mails).toMatchObject([{ to: ['operator@app.example'] }])
    expect(await kinds(alerts)).toEqual([])
  })

  test('hears once of tokens that cannot be read, however many partners they belong to', async () => {
    const alerts = anotherProcess()
    for (let i = 0; i < 30; i++)
      await alerts.raise({
        partnerId: new ObjectId(),
        kind: 'token_unreadable',
        message: 'A stored token needs the key "k1".',
      })
    await alerts.stop()
    expect(bench.inbox.mails).toMatchObject([{ to: ['operator@app.example'] }])
  })

  test('has it settled an hour after the last report', async () => {
    const alerts = anotherProcess()
    await alerts.raise({ partnerId: null, kind: 'cannot_seal', message: 'No key can seal.' })
    bench.now = at(50)
    await alerts.raise({ partnerId: null, kind: 'cannot_seal', message: 'No key can seal.' })
    bench.now = at(50)
    await alerts.check()
    expect(
      await bench.database.collections.notices.countDocuments({
        resolved_at: null,
        kind: 'cannot_seal',
      }),
    ).toBe(1)
    bench.now = at(11)
    await alerts.check()
    expect(
      await bench.database.collections.notices.countDocuments({
        resolved_at: null,
        kind: 'cannot_seal',
      }),
    ).toBe(0)
  })
})

describe('an SMTP server in trouble', () => {
  test('gets the e-mail later, once', async () => {
    const alerts = anotherProcess()
    bench.inbox.refuse(2)
    await set({ status: 'revoked' })
    await alerts.check()
    await alerts.check()
    expect(bench.inbox.mails).toHaveLength(0)
    bench.now = at(3)
    await alerts.check()
    bench.now = at(5)
    await alerts.check()
    bench.now = at(600)
    await alerts.check()
    expect(bench.inbox.mails).toHaveLength(1)
  })

  test('holds nobody up, and its password stays out of the log', async () => {
    const alerts = anotherProcess({ smtpUrl: 'smtp://mailer:canary-password@127.0.0.1:1' })
    await alerts.raise({
      partnerId: bench.partnerId,
      kind: 'reauthorization_required',
      message: 'Connect again.',
    })
    expect(await kinds(alerts)).toEqual(['reauthorization_required'])
    await alerts.stop()
    expect(bench.lines.join('')).toContain('alert_not_emailed')
    expect(bench.lines.join('')).not.toContain('canary-password')
  })

  test('is not needed: without one the notices still show', async () => {
    const alerts = createAlerts({
      collections: bench.database.collections,
      clock: () => bench.now,
      log: bench.log,
      metrics: createMetrics(),
      mailer: null,
      operatorAddress: null,
      origin: 'https://app.example',
      syncIntervalSeconds: 300,
      accounts: { noticeRecipients: async () => [] },
      webhooks: { isSet: async () => false, deliver: async () => null },
    })
    await set({ status: 'revoked' })
    await alerts.check()
    expect(await kinds(alerts)).toEqual(['reauthorization_required'])
  })
})
