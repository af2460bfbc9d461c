import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createAuditLog } from '../../../server/database/audit'
import { createDatabase, type Database } from '../../../server/database/client'
import { createCursors } from '../../../server/database/cursor'
import type { HubspotIntegrationDocument } from '../../../server/database/documents'
import { createRecords } from '../../../server/leads/index'
import { createInbound, type Inbound } from '../../../server/sync/inbound/apply'
import { testCipher } from '../../support/cipher'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { aContact, mappingOf } from '../inbound/records'

export const portalId = '111'
/** When HubSpot took a write: a moment after the bench's `now` */
export const answeredAt = '2026-06-01T12:00:05.000Z'

/** A connection as far as records look at it: write-back is off until a test turns it on. */
function connectedTo(portal: string) {
  return { status: 'connected', portal_id: portal, write_back: false } as HubspotIntegrationDocument
}

/** What writes records here and what HubSpot's records go through, without HubSpot itself. */
interface Parts {
  now: Date
  /** A new one in each test */
  partnerId: ObjectId
  database: Database
  records: ReturnType<typeof createRecords>
  inbound: Inbound
}

/** Starts the bench before the tests of a file, resets partner and clock before each, closes it. */
export function useOutboxBench() {
  let test: TestDatabase
  // Filled before the first test.
  const parts = {} as Parts
  const account = () => ({ partnerId: bench.partnerId, portalId })
  const bench = Object.assign(parts, {
    account,
    claim: (type: 'leads' | 'deals' = 'leads') =>
      bench.records[type].claimDirty(bench.partnerId, { portalId, limit: 100 }),
    /** A contact comes in from HubSpot. */
    arrive: (id: string, properties: Record<string, string | null>, updatedAt?: string) =>
      bench.inbound.apply({
        ...account(),
        type: 'contacts',
        records: [aContact(id, properties, updatedAt)],
        runId: null,
      }),
    leadOf: (id: string) => bench.records.leads.get(bench.partnerId, id),
  })

  beforeAll(async () => {
    test = await testDatabase()
    bench.database = createDatabase(test)
    await bench.database.prepare()
    const { collections } = bench.database
    const clock = () => bench.now
    const mapping = mappingOf(collections, clock)
    bench.records = createRecords({
      collections,
      clock,
      mapping,
      cursors: createCursors({ secret: new Uint8Array(32) }),
      onLocalChange: async () => {},
    })
    bench.inbound = createInbound({
      collections,
      clock,
      audit: createAuditLog({ collections, clock }),
      cipher: testCipher(),
      mapping,
    })
  })
  afterAll(async () => {
    await bench.database.close()
    await test.drop()
  })
  beforeEach(async () => {
    bench.partnerId = new ObjectId()
    bench.now = new Date('2026-06-01T12:00:00.000Z')
    // A HubSpot account belongs to one partner.
    await bench.database.collections.partners.deleteMany({})
    await bench.database.collections.partners.insertOne({
      _id: bench.partnerId,
      schema_version: 1,
      name: bench.partnerId.toHexString(),
      created_at: bench.now,
      hubspot_integration: connectedTo(portalId),
    })
  })
  return bench
}
