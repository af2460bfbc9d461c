import type { CreateIndexesOptions } from 'mongodb'
import type { Collections } from './collections'
import { asPeopleSort } from './paging'

export interface IndexDefinition {
  collection: keyof Collections
  keys: Record<string, 1 | -1>
  options?: CreateIndexesOptions
}

type Keys = Record<string, 1 | -1>

const named = (
  collection: IndexDefinition['collection'],
  all: Record<string, Keys>,
  options: CreateIndexesOptions = {},
): IndexDefinition[] =>
  Object.entries(all).map(([name, keys]) => ({
    collection,
    keys: { partner_id: 1, ...keys },
    options: { name, ...options },
  }))

const newestFirst: Keys = { updated_at: -1, _id: -1 }
const byId: Keys = { _id: 1 }

/**
 * What lists are sorted and filtered by (`server/leads/list-fields.ts`), besides what sync needs as
 * well.
 */
export const listIndexes: IndexDefinition[] = [
  ...(['leads', 'deals'] as const).flatMap(collection =>
    named(collection, {
      by_created: { created_at: 1, ...byId },
      by_owner: { 'remote.hubspot_owner_id': 1, ...newestFirst },
      sync_state_by_id: { 'sync.state': 1, ...byId },
    }),
  ),
  // What a run or an operation changed, to take it back.
  ...(['leads', 'deals'] as const).flatMap(collection =>
    named(
      collection,
      { by_cause: { 'history.cause': 1, ...byId } },
      { partialFilterExpression: { 'history.cause': { $exists: true } } },
    ),
  ),
  ...(['leads', 'deals'] as const).flatMap(collection =>
    named(
      collection,
      { by_import: { imported_by: 1, ...byId } },
      { partialFilterExpression: { imported_by: { $exists: true } } },
    ),
  ),
  ...named(
    'leads',
    {
      by_last_name: { 'values.lastName': 1, ...byId },
      by_first_name: { 'values.firstName': 1, ...byId },
      by_company: { 'values.company': 1, ...byId },
      by_job_title: { 'values.jobTitle': 1, ...byId },
    },
    { collation: asPeopleSort },
  ),
  ...named('leads', {
    by_lifecycle: { 'values.lifecycleStage': 1, ...newestFirst },
    lifecycle_by_id: { 'values.lifecycleStage': 1, ...byId },
  }),
  ...named('deals', { by_name: { 'values.name': 1, ...byId } }, { collation: asPeopleSort }),
  ...named('deals', {
    by_amount: { amount_key: 1, ...byId },
    by_close_date: { 'values.closeDate': 1, ...byId },
    stage_by_id: { stage: 1, ...byId },
    by_pipeline: { hubspot_pipeline_id: 1, ...newestFirst },
  }),
  ...named(
    'savedViews',
    { one_view_per_name: { user_id: 1, object: 1, name: 1 } },
    { unique: true },
  ),
  ...named('savedViews', { shared: byId }, { partialFilterExpression: { shared: true } }),
]
