import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LeadsQuery } from '#shared/contracts/lists'
import { newLead } from '../../../server/records/blank'
import { derivedOwn } from '../../../server/records/own-values'
import { kinds } from '../../../server/records/kinds'
import { plansOf } from '../../support/query-plans'
import { startIndexed } from './indexed'

/** A hundred own fields, the most there can be: each list goes along the one index of all. */
const partnerId = new ObjectId()
const now = new Date('2026-05-01T00:00:00.000Z')
const keys = Array.from({ length: 100 }, (_, index) => `field_${index}`)
const leadCount = 2000
const rare = 40

type Indexed = Awaited<ReturnType<typeof startIndexed>>
let client: Indexed['client']
let db: Indexed['db']
let collections: Indexed['collections']
let records: Indexed['records']
let stop: Indexed['stop']

beforeAll(async () => {
  ;({ client, db, collections, records, stop } = await startIndexed(() => now))
  await collections.ownFields.insertMany(
    keys.map((key, place) => ({
      _id: new ObjectId(),
      partner_id: partnerId,
      object: 'lead' as const,
      key,
      label: key,
      type: 'number' as const,
      options: [],
      direction: 'both' as const,
      policy: 'hubspot_wins' as const,
      place,
      created_at: now,
      updated_at: now,
      deleted_at: null,
      deleted_property: null,
    })),
  )
  for (let start = 0; start < leadCount; start += 500)
    await collections.leads.insertMany(
      Array.from({ length: 500 }, (_, index) => {
        const number = start + index
        const lead = newLead(
          number % 10 === 0 ? new ObjectId() : partnerId,
          { email: `p${number}@example.com`, lastName: `Last${number % 70}` },
          new Date(now.getTime() - number * 1000),
        )
        const own = Object.fromEntries(
          keys.map((key, place) => [key, String((number + place) % (leadCount / rare))]),
        )
        const values = { ...lead.values, ...own }
        return { ...lead, values, ...derivedOwn(lead._id, values, kinds.lead.fields) }
      }),
    )
})
afterAll(() => stop())

async function plansFor(query: string, pages: number) {
  const found: Awaited<ReturnType<typeof plansOf>> = []
  let cursor: string | null = null
  for (let page = 0; page < pages; page++) {
    const asked = LeadsQuery.parse({
      limit: '20',
      ...Object.fromEntries(new URLSearchParams(query)),
      ...(cursor ? { cursor } : {}),
    })
    let next: string | null = null
    found.push(
      ...(await plansOf(client, db, async () => {
        next = (await records.leads.list(partnerId, asked)).nextCursor
      })),
    )
    if (next === null) break
    cursor = next
  }
  return found
}

describe.skipIf(process.env.TEST_MONGODB_URI)('lists of a hundred own fields', () => {
  it.each([
    ...keys.filter((_, place) => place % 9 === 0).map(key => `sort=${key}`),
    'sort=-field_0',
    'sort=-field_99',
    'filter[field_50]=7',
    'filter[field_99]=7&sort=field_98',
    'filter[field_0]=7&sort=-lastName',
    'filter[field_1]=7&filter[field_2]=8&sort=field_3',
  ])('leads?%s goes along an index', async query => {
    const plans = (await plansFor(query, 3)).filter(plan => plan.collection === 'leads')
    expect(plans.length).toBeGreaterThan(0)
    for (const plan of plans) {
      expect(plan.stages, JSON.stringify(plan)).not.toContain('COLLSCAN')
      // Never more than the page, the total's count of the partner's, or what a filter finds.
      expect(plan.docsExamined, JSON.stringify(plan)).toBeLessThanOrEqual(
        query.startsWith('filter') ? rare * 3 : 21,
      )
    }
  })
})
