import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createAuditLog } from '../../../server/database/audit'
import { createDatabase, type Database } from '../../../server/database/client'
import { createInbound, type Inbound, type InboundPage } from '../../../server/sync/inbound/apply'
import { testCipher } from '../../support/cipher'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { aContact, aDealObject, mappingOf } from './records'

export const portalId = '111'
export const clock = () => new Date('2026-06-01T12:00:00.000Z')
/** When HubSpot changed a record last, where the test says that it did so after the start */
export const later = '2026-06-02T00:00:00.000Z'

interface Parts {
  database: Database
  inbound: Inbound
  /** A new one in each test */
  partnerId: ObjectId
}

/** Before each test a new partner with contacts 1 and 2, deal 90 of both and deal 91 of the second. */
export function useLinkedRecords() {
  let test: TestDatabase
  // Filled before the first test.
  const parts = {} as Parts
  const account = () => ({ partnerId: bench.partnerId, portalId })
  const bench = Object.assign(parts, {
    account,
    target: () => ({ ...account(), type: 'contacts' as const }),
    apply: (type: InboundPage['type'], records: InboundPage['records']) =>
      bench.inbound.apply({ ...account(), type, records, runId: null }),
    leads: () =>
      bench.database.collections.leads
        .find({ partner_id: bench.partnerId })
        .sort({ _id: 1 })
        .toArray(),
    deals: () =>
      bench.database.collections.deals
        .find({ partner_id: bench.partnerId })
        .sort({ hubspot_id: 1 })
        .toArray(),
  })

  beforeAll(async () => {
    test = await testDatabase()
    bench.database = createDatabase(test)
    await bench.database.prepare()
    const { collections } = bench.database
    bench.inbound = createInbound({
      collections,
      clock,
      audit: createAuditLog({ collections, clock }),
      cipher: testCipher(),
      mapping: mappingOf(collections, clock),
    })
  })
  afterAll(async () => {
    await bench.database.close()
    await test.drop()
  })
  beforeEach(async () => {
    bench.partnerId = new ObjectId()
    await bench.apply('contacts', [
      aContact('1', { email: 'one@example.com', firstname: 'One' }),
      aContact('2', { email: 'two@example.com', lastname: 'Two' }),
    ])
    await bench.apply('deals', [
      aDealObject('90', { dealname: 'First' }, ['1', '2']),
      aDealObject('91', { dealname: 'Second' }, ['2']),
    ])
  })
  return bench
}
