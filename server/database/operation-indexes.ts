import type { IndexDefinition } from './list-indexes'

/** What operations are found by. */
export const operationIndexes: IndexDefinition[] = [
  {
    collection: 'operations',
    keys: { partner_id: 1, _id: -1 },
    options: { name: 'newest_first' },
  },
  {
    collection: 'operations',
    keys: { status: 1, 'lease.until': 1 },
    options: { name: 'to_take_over' },
  },
  { collection: 'operations', keys: { expires_at: 1 }, options: { name: 'expiry' } },
  {
    collection: 'operationResults',
    keys: { operation_id: 1, key: 1 },
    options: { name: 'one_per_record', unique: true },
  },
  {
    collection: 'operationResults',
    keys: { operation_id: 1, outcome: 1, _id: 1 },
    options: { name: 'by_outcome' },
  },
  {
    collection: 'operationResults',
    keys: { operation_id: 1, _id: 1 },
    options: { name: 'by_operation' },
  },
  {
    collection: 'importRows',
    keys: { operation_id: 1, index: 1 },
    options: { name: 'one_per_chunk', unique: true },
  },
  { collection: 'importRows', keys: { partner_id: 1 }, options: { name: 'by_partner' } },
  {
    collection: 'importRows',
    keys: { expires_at: 1 },
    options: { name: 'expiry', expireAfterSeconds: 0 },
  },
  {
    collection: 'deletedRecords',
    keys: { partner_id: 1, cause: 1, object: 1, record_id: 1 },
    options: { name: 'by_cause', unique: true },
  },
  {
    collection: 'deletedRecords',
    keys: { partner_id: 1, hubspot_id: 1 },
    options: { name: 'by_hubspot_id' },
  },
  { collection: 'deletedRecords', keys: { expires_at: 1 }, options: { name: 'expiry' } },
  { collection: 'dismissedRecords', keys: { partner_id: 1 }, options: { name: 'by_partner' } },
  { collection: 'operationResults', keys: { expires_at: 1 }, options: { name: 'expiry' } },
]
