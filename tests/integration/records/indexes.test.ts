import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DealsQuery, LeadsQuery } from '#shared/contracts/lists'
import { dealSorts, leadSorts } from '#shared/leads/fields'
import { createAuditLog, systemActor } from '../../../server/database/audit'
import { newDeal, newLead } from '../../../server/records/blank'
import { kinds } from '../../../server/records/kinds'
import { findArrivedSince } from '../../../server/records/repository/linked'
import { createExports } from '../../../server/leads/export'
import { createEraseRecords } from '../../../server/leads/erase-after-disconnect'
import { createExplain } from '../../../server/sync/insight/explain'
import { createInbound } from '../../../server/sync/inbound/apply'
import { createSyncCursors } from '../../../server/sync/readers/cursors-repository'
import { createRunHistory } from '../../../server/sync/runs/history-repository'
import { testCipher } from '../../support/cipher'
import { plansOf, type QueryPlan } from '../../support/query-plans'
import { aContact, aDealObject, mappingOf } from '../inbound/records'
import { startIndexed } from './indexed'

const count = 6000
const partnerId = new ObjectId()
const portalId = '1'
const now = new Date('2026-05-01T00:00:00.000Z')
const clock = () => now

type Indexed = Awaited<ReturnType<typeof startIndexed>>
let client: Indexed['client']
let db: Indexed['db']
let collections: Indexed['collections']
let records: Indexed['records']
let stop: Indexed['stop']

beforeAll(async () => {
  ;({ client, db, collections, records, stop } = await startIndexed(clock))
  const leads = Array.from({ length: count }, (_, i) => {
    const lead = newLead(
      i % 10 === 0 ? new ObjectId() : partnerId,
      {
        email: `p${i}@example.com`,
        firstName: `First${i}`,
        lastName: `Last${i % 700}`,
        company: `Company ${i % 90}`,
        jobTitle: `Title ${i % 8}`,
        lifecycleStage: i % 3 === 0 ? 'lead' : null,
      },
      new Date(now.getTime() - i * 1000),
    )
    return {
      ...lead,
      hubspot_id: String(i),
      portal_id: portalId,
      local_email: null,
      remote: { hubspot_owner_id: i % 4 === 0 ? '9' : null },
      sync: { ...lead.sync, state: i % 500 === 1 ? ('failed' as const) : ('in_sync' as const) },
      dirty: i % 500 === 1,
    }
  })
  await collections.leads.insertMany(leads)
  await collections.deals.insertMany(
    leads.slice(0, 3000).map((lead, i) => {
      const deal = newDeal(
        lead.partner_id,
        { name: `Deal ${i}`, amount: String(i % 50), closeDate: `2026-05-0${1 + (i % 9)}` },
        lead.updated_at,
      )
      return {
        ...deal,
        hubspot_id: String(i),
        portal_id: portalId,
        lead_ids: [lead._id],
        hubspot_contact_ids: [String(i)],
        hubspot_pipeline_id: 'default',
        hubspot_stage_id: `s${i % 5}`,
        stage: i % 5 === 0 ? ('won' as const) : null,
        stage_base: i % 5 === 0 ? ('won' as const) : null,
        remote: lead.remote,
        sync: lead.sync,
      }
    }),
  )
})
afterAll(() => stop())

/** Never a walk through a collection; a sort in memory only of few. */
function expectIndexed(plans: QueryPlan[], maxExamined: number): void {
  expect(plans.length).toBeGreaterThan(0)
  for (const plan of plans) {
    expect(plan.stages, JSON.stringify(plan)).not.toContain('COLLSCAN')
    expect(plan.docsExamined, JSON.stringify(plan)).toBeLessThanOrEqual(maxExamined)
    if (plan.stages.includes('SORT'))
      expect(plan.docsExamined, JSON.stringify(plan)).toBeLessThanOrEqual(10_000)
  }
}

const queries = [
  '',
  'q=first5',
  'q=company',
  'q=p77@example.com',
  'q=first1 company',
  'syncState=failed',
  'syncState=in_sync',
  'sort=lastName',
  'sort=-lastName',
  'sort=email',
  'sort=company',
  'sort=updatedAt',
  'syncState=failed&sort=lastName',
  'syncState=in_sync&sort=lastName',
  'q=last&sort=-company',
  'q=nobody',
  ...leadSorts.flatMap(column => [`sort=${column}`, `sort=-${column}`]),
  'owner=9',
  'owner=none&sort=company',
  'owner=9&syncState=failed&sort=name',
  'lifecycle=lead&sort=-createdAt',
  'createdFrom=2026-04-30&sort=createdAt',
  'createdFrom=2026-04-30&createdTo=2026-04-30&owner=9&sort=email',
  'updatedFrom=2026-04-30T23:00:00.000Z',
]
const dealQueries = [
  '',
  'stage=won',
  'stage=unmapped',
  'syncState=failed',
  'stage=won&syncState=in_sync',
  'q=deal&stage=won',
  'pipeline=default',
  'pipeline=default&sort=amount',
  'owner=9&sort=stage',
  'closeFrom=2026-05-02&sort=closeDate',
  'closeTo=2026-05-02&stage=won&sort=-amount',
  ...dealSorts.flatMap(column => [`sort=${column}`, `sort=-${column}`]),
]

describe.skipIf(process.env.TEST_MONGODB_URI)('every query goes along an index', () => {
  it.each(queries)('leads?%s', async query => {
    let cursor: string | null = null
    for (let page = 0; page < 3; page++) {
      const asked = LeadsQuery.parse({
        ...Object.fromEntries(new URLSearchParams(query)),
        ...(cursor ? { cursor } : {}),
      })
      let answer: Awaited<ReturnType<typeof records.leads.list>> | null = null
      expectIndexed(
        await plansOf(client, db, async () => {
          answer = await records.leads.list(partnerId, asked)
        }),
        2400,
      )
      cursor = (answer as { nextCursor: string | null } | null)?.nextCursor ?? null
      if (!cursor) break
    }
  })

  it.each(dealQueries)('deals?%s', async query => {
    let cursor: string | null = null
    for (let page = 0; page < 2; page++) {
      const asked = DealsQuery.parse({
        ...Object.fromEntries(new URLSearchParams(query)),
        ...(cursor ? { cursor } : {}),
      })
      let answer: Awaited<ReturnType<typeof records.deals.list>> | null = null
      expectIndexed(
        await plansOf(client, db, async () => {
          answer = await records.deals.list(partnerId, asked)
        }),
        2700,
      )
      cursor = (answer as { nextCursor: string | null } | null)?.nextCursor ?? null
      if (!cursor) break
    }
  })

  it('deals of a lead', async () => {
    const lead = await collections.leads.findOne({ partner_id: partnerId })
    expectIndexed(
      await plansOf(client, db, () =>
        records.deals.list(partnerId, DealsQuery.parse({ leadId: lead?._id.toHexString() })),
      ),
      10,
    )
  })

  it('an edit, a claim from the outbox and an explanation', async () => {
    const lead = await collections.leads.findOne({ partner_id: partnerId, hubspot_id: '5' })
    expectIndexed(
      await plansOf(client, db, () =>
        records.leads.patch(partnerId, lead?._id.toHexString() ?? '', {
          email: 'p5-new@example.com',
        }),
      ),
      20,
    )
    expectIndexed(
      await plansOf(client, db, () =>
        records.leads.claimDirty(partnerId, { portalId, limit: 100 }),
      ),
      100,
    )
    expectIndexed(
      await plansOf(client, db, () =>
        createExplain({ collections, mapping: mappingOf(collections, clock) })(
          partnerId,
          'p7@example.com',
        ),
      ),
      20,
    )
    const future = new Date(Date.now() + 60_000)
    expectIndexed(
      await plansOf(client, db, () =>
        findArrivedSince(collections, kinds.lead, { partnerId, portalId }, future, {
          lastname: 'Last1',
        }),
      ),
      0,
    )
  })

  it('a page from HubSpot', async () => {
    const inbound = createInbound({
      collections,
      clock,
      audit: createAuditLog({ collections, clock }),
      cipher: testCipher(),
      mapping: mappingOf(collections, clock),
    })
    const contacts = Array.from({ length: 100 }, (_, i) =>
      aContact(
        String(i * 7),
        { email: `p${i * 7}@example.com`, firstname: 'Changed' },
        '2026-04-01T00:00:00.000Z',
      ),
    )
    expectIndexed(
      await plansOf(client, db, () =>
        inbound.apply({ partnerId, portalId, type: 'contacts', records: contacts, runId: null }),
      ),
      210,
    )
    const deals = Array.from({ length: 100 }, (_, i) =>
      aDealObject(
        String(i * 7),
        { dealname: 'Changed' },
        [String(i * 7), String(i * 7 + 1)],
        '2026-04-01T00:00:00.000Z',
      ),
    )
    expectIndexed(
      await plansOf(client, db, () =>
        inbound.apply({ partnerId, portalId, type: 'deals', records: deals, runId: null }),
      ),
      210,
    )
    expectIndexed(
      await plansOf(client, db, () =>
        inbound.archive({ partnerId, portalId, type: 'contacts', ids: ['7', '14'] }),
      ),
      20,
    )
    expectIndexed(
      await plansOf(client, db, () =>
        inbound.merged({ partnerId, portalId, type: 'contacts', winnerId: '21', loserIds: ['28'] }),
      ),
      20,
    )
    expectIndexed(
      await plansOf(client, db, () => inbound.erase({ partnerId, portalId, contactIds: ['35'] })),
      20,
    )
  })

  it('an export, and erasing what was imported', async () => {
    expectIndexed(
      await plansOf(client, db, async () => {
        for await (const text of createExports({
          collections,
          mapping: mappingOf(collections, clock),
        }).leads(partnerId))
          expect(text).toContain('\r\n')
      }),
      500,
    )
    const cursors = createSyncCursors({ collections, clock })
    const history = createRunHistory({ collections })
    const erase = createEraseRecords({
      collections,
      clock,
      audit: createAuditLog({ collections, clock }),
      async forgetProgress(id) {
        await cursors.forget(id)
        await history.forgetProgress(id)
      },
    })
    expectIndexed(await plansOf(client, db, () => erase(partnerId, { actor: systemActor })), 500)
    expect(await collections.leads.countDocuments({ partner_id: partnerId })).toBe(0)
    expect(await collections.leads.countDocuments()).toBe(count / 10)
  })
})
