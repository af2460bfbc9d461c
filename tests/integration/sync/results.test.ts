import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RetryStarted, RunResult, RunResultList } from '#shared/contracts/runs'
import retryPost from '../../../server/api/v1/integrations/hubspot/retry.post'
import resultsGet from '../../../server/api/v1/integrations/hubspot/runs/[id]/results.get'
import { createRunResults } from '../../../server/sync/runs/results'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { aUser } from '../../support/users'

const hubspot = '/api/v1/integrations/hubspot'
const password = 'a long enough password'
let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let admin: CallAs
let member: CallAs
let other: CallAs

beforeAll(async () => {
  bench = await startSyncBench({ simulator: { contacts: 4, deals: 1 }, sync: { indexLagMs: 0 } })
  await aUser(bench.services.database.collections, {
    partnerName: 'Northwind',
    email: 'member@example.test',
    password,
    role: 'member',
  })
  await aUser(bench.services.database.collections, {
    partnerName: 'Contoso',
    email: 'contoso@example.test',
    password,
    role: 'admin',
  })
  http = await mountRoutes(bench.services, [
    { method: 'GET', path: `${hubspot}/runs/:id/results`, handler: resultsGet },
    { method: 'POST', path: `${hubspot}/retry`, handler: retryPost },
  ])
  ;[admin, member, other] = await Promise.all([
    http.as('northwind@example.test', password),
    http.as('member@example.test', password),
    http.as('contoso@example.test', password),
  ])
  // What webhooks tell of would count in the same run once more.
  await bench.control.setWebhooks({ enabled: false })
  await bench.run()
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

async function resultsOf(run: { _id: ObjectId }, query = ''): Promise<RunResult[]> {
  const { status, body } = await member<RunResultList>(
    'GET',
    `${hubspot}/runs/${run._id.toHexString()}/results${query}`,
  )
  expect(status).toBe(200)
  return body.items
}
const retry = (what: object) => admin<RetryStarted>('POST', `${hubspot}/retry`, what)

/** What a retry starts is carried out by hand here. */
async function workOff(started: RetryStarted): Promise<ObjectId> {
  const run = await bench.collections.syncRuns.findOne({ _id: new ObjectId(started.runId ?? '') })
  if (!run) throw new Error('No run was started')
  return (await bench.execute(run._id))._id
}

describe('what a run did, record by record', () => {
  test('is told with fields, reasons and links, in pages, and by outcome and kind', async () => {
    const known = await bench.portal.create('contacts', {
      email: 'known@example.com',
      firstname: 'Known',
    })
    const leaving = await bench.portal.create('contacts', { email: 'leaving@example.com' })
    const first = await resultsOf(await bench.run())
    expect(
      first.map(({ hubspotId, outcome, direction }) => [hubspotId, direction, outcome]).sort(),
    ).toEqual(
      [
        [known.id, 'in', 'created'],
        [leaving.id, 'in', 'created'],
      ].sort(),
    )
    await bench.services.leads.create(bench.partner.partnerId, {
      email: 'both@example.com',
      firstName: 'Here',
    })
    const out = await bench.services.leads.create(bench.partner.partnerId, {
      email: 'out@example.com',
      firstName: 'Out',
    })
    const both = await bench.portal.create('contacts', {
      email: 'both@example.com',
      firstname: 'There',
    })
    await bench.portal.edit('contacts', known.id, { firstname: 'Changed', phone: '1' })
    await bench.portal.archive('contacts', leaving.id)
    const run = await bench.run()
    const found = new Map(
      (await resultsOf(run)).map(result => [`${result.direction} ${result.hubspotId}`, result]),
    )
    expect(found.get(`in ${known.id}`)).toMatchObject({
      object: 'lead',
      outcome: 'updated',
      name: 'Changed',
      fields: ['firstName', 'phone'],
      retry: null,
      error: null,
    })
    expect(found.get(`in ${both.id}`)).toMatchObject({
      outcome: 'merged',
      reason: 'linked_by_email',
    })
    expect(found.get(`in ${leaving.id}`)).toMatchObject({ outcome: 'archived' })
    const written = [...found.values()].find(result => result.recordId === out.id)
    expect(written).toMatchObject({
      direction: 'out',
      outcome: 'created',
      name: 'Out',
      fields: ['email', 'firstName'],
    })
    expect(
      (await resultsOf(run, '?outcome=updated&object=lead')).map(result => result.hubspotId),
    ).toEqual([known.id])
    expect(await resultsOf(run, '?object=deal')).toEqual([])
    const paged: RunResult[] = []
    let cursor = ''
    do {
      const { body } = await member<RunResultList>(
        'GET',
        `${hubspot}/runs/${run._id.toHexString()}/results?limit=1${cursor}`,
      )
      expect(body).toMatchObject({ total: found.size, complete: true })
      paged.push(...body.items)
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
    } while (cursor)
    expect(paged).toEqual(await resultsOf(run))
    // HubSpot gave the contact that was created its first lifecycle stage.
    expect(await resultsOf(await bench.run())).toMatchObject([
      { recordId: out.id, outcome: 'updated', fields: ['lifecycleStage'] },
    ])
    expect(await resultsOf(await bench.run())).toEqual([])
  })

  test('of another partner do not exist', async () => {
    const run = await bench.run()
    expect((await other('GET', `${hubspot}/runs/${run._id.toHexString()}/results`)).status).toBe(
      404,
    )
    expect((await other('POST', `${hubspot}/retry`, { runId: run._id.toHexString() })).status).toBe(
      409,
    )
  })

  test('is bounded, and failures are not crowded out', async () => {
    const run = await bench.run('webhook')
    const keeper = () =>
      createRunResults({
        collections: bench.collections,
        clock: () => new Date(),
        keep: { days: 1, webhookDays: 1 },
        limits: { changed: 5, failed: 3 },
      }).keeperOf({ ...run, counts: { ...run.counts, seen: 1 } })
    for (const one of [keeper(), keeper()]) {
      for (let i = 0; i < 20; i++)
        one.tell({ type: 'contacts', direction: 'in', outcome: 'created', hubspotId: `9${i}` })
      for (let i = 0; i < 20; i++)
        one.tell({
          type: 'deals',
          direction: 'in',
          outcome: 'failed',
          hubspotId: `9${i}`,
          error: { code: 'x', message: 'm'.repeat(5000), correlationId: null },
        })
      await one.flush()
    }
    const kept = await bench.collections.runResults.find({ run_id: run._id }).toArray()
    expect(kept.filter(result => result.outcome === 'created')).toHaveLength(5)
    expect(kept.filter(result => result.outcome === 'failed')).toHaveLength(3)
    expect(Math.max(...kept.map(result => result.error?.message.length ?? 0))).toBe(300)
    bench.time.offsetMs = 8 * 86_400_000
    await bench.services.sync.results.prune()
    bench.time.offsetMs = 0
    expect(await bench.collections.runResults.countDocuments({ run_id: run._id })).toBe(0)
  })
})

describe('trying again', () => {
  test('reads from HubSpot what could not be stored', async () => {
    const [first, second] = [
      await bench.portal.create('contacts', { firstname: 'Unstorable' }),
      await bench.portal.create('contacts', { firstname: 'Unstorable' }),
    ]
    await bench.collections.leads.createIndex(
      { 'values.firstName': 1 },
      {
        name: 'one_unstorable',
        unique: true,
        partialFilterExpression: { 'values.firstName': 'Unstorable' },
      },
    )
    const run = await bench.run()
    expect(run.counts.failed).toBe(1)
    const [failed] = await resultsOf(run, '?outcome=failed')
    const contact = failed?.hubspotId === first.id ? first : second
    expect(failed).toMatchObject({
      direction: 'in',
      hubspotId: contact.id,
      recordId: null,
      retry: 'possible',
      error: { code: 'kept_changing', correlationId: null },
    })
    await bench.services.sync.cancel(bench.partner.partnerId)
    expect((await member('POST', `${hubspot}/retry`, { resultId: failed?.id })).status).toBe(403)
    const started = await retry({ resultId: failed?.id })
    expect([started.status, started.body.inbound, started.body.outbound]).toEqual([202, 1, 0])
    expect((await resultsOf(run, '?outcome=failed'))[0]?.retry).toBe('waiting')
    await bench.collections.leads.dropIndex('one_unstorable')
    const again = await workOff(started.body)
    expect(await bench.leadOf(contact.id)).toMatchObject({ values: { firstName: 'Unstorable' } })
    expect((await resultsOf(run, '?outcome=failed'))[0]).toMatchObject({
      retry: 'done',
      name: 'Unstorable',
    })
    expect((await resultsOf({ _id: again }))[0]).toMatchObject({
      outcome: 'created',
      hubspotId: contact.id,
    })
    expect((await retry({ runId: run._id.toHexString() })).body).toEqual({
      runId: null,
      inbound: 0,
      outbound: 0,
    })
  })

  test('writes to HubSpot what it refused, one record or all', async () => {
    const { leads } = bench.services
    const make = (name: string) =>
      leads.create(bench.partner.partnerId, { firstName: 'Bad', email: `${name}@refused.example` })
    const [one, two] = [await make('a'), await make('b')]
    await bench.portal.setRules([
      { type: 'contacts', property: 'company', when: { property: 'firstname', equals: 'Bad' } },
    ])
    const run = await bench.run('webhook')
    const failed = await resultsOf(run, '?outcome=failed')
    expect(
      failed.map(({ direction, recordId, retry: state }) => [direction, recordId, state]),
    ).toEqual([one, two].map(lead => ['out', lead.id, 'possible']))
    expect(failed[0]?.error?.correlationId).toBeTruthy()
    await bench.portal.setRules([])
    const started = await retry({ object: 'lead', recordId: one.id })
    expect(started.body).toMatchObject({ inbound: 0, outbound: 1 })
    expect((await resultsOf(run, '?outcome=failed')).map(result => result.retry)).toEqual([
      'waiting',
      'possible',
    ])
    await workOff(started.body)
    expect((await resultsOf(run, '?outcome=failed')).map(result => result.retry)).toEqual([
      'done',
      'possible',
    ])
    await workOff((await retry({ all: true })).body)
    expect((await resultsOf(run, '?outcome=failed')).map(result => result.retry)).toEqual([
      'done',
      'done',
    ])
    for (const name of ['a', 'b'])
      expect(await bench.portal.find('contacts', 'email', `${name}@refused.example`)).toHaveLength(
        1,
      )
    const audit = await bench.collections.auditLog
      .find({ partner_id: bench.partner.partnerId, action: 'sync.retry' })
      .sort({ _id: 1 })
      .toArray()
    expect(audit.map(entry => entry.details.scope)).toEqual(['one', 'run', 'one', 'all'])
    expect(audit.every(entry => entry.actor.email === 'northwind@example.test')).toBe(true)
  })

  test('is refused where write-back is off, for what is unknown, and for anything else than its four forms', async () => {
    await bench.services.connection.updateSettings(
      bench.partner.partnerId,
      { writeBack: false },
      { kind: 'system', user_id: null, email: null },
    )
    const off = await admin<{ data: { code: string } }>('POST', `${hubspot}/retry`, {
      object: 'lead',
      recordId: new ObjectId().toHexString(),
    })
    expect([off.status, off.body.data.code]).toEqual([409, 'write_back_off'])
    expect((await retry({ resultId: new ObjectId().toHexString() })).status).toBe(404)
    for (const body of [
      {},
      { all: false },
      { runId: 'x' },
      { resultId: { $ne: null } },
      { all: true, runId: new ObjectId().toHexString() },
    ])
      expect((await retry(body)).status).toBe(422)
  })
})
