import { listIndexes, type IndexDefinition } from './list-indexes'
import { noticeIndexes } from './notice-indexes'
import { operationIndexes } from './operation-indexes'
import { peopleIndexes } from './people-indexes'

/**
 * One index for each query that the repositories make. Every key that spans partners is named as
 * such. Partial indexes over texts say `$gt: ''`, not `$type: 'string'`: the planner uses an index
 * only where the query implies its filter, and no equality implies `$type`.
 */
export const indexes: IndexDefinition[] = [
  // One portal belongs to at most one partner at a time, over all partners
  // (docs/architecture.md#data).
  {
    collection: 'partners',
    keys: { 'hubspot_integration.portal_id': 1 },
    options: {
      name: 'one_partner_per_portal',
      unique: true,
      partialFilterExpression: { 'hubspot_integration.portal_id': { $gt: '' } },
    },
  },
  {
    collection: 'partners',
    keys: { 'hubspot_integration.status': 1, 'hubspot_integration.next_sync_at': 1 },
    options: { name: 'due_for_sync' },
  },
  {
    collection: 'partners',
    keys: { 'hubspot_integration.status': 1, 'hubspot_integration.last_synced_at': 1 },
    options: { name: 'by_last_success' },
  },
  {
    collection: 'partners',
    keys: { 'hubspot_integration.remote_cleanup.next_try_at': 1 },
    options: { name: 'remote_cleanup_due', sparse: true },
  },
  {
    collection: 'partners',
    keys: { 'hubspot_integration.pending_grant.until': 1 },
    options: { name: 'pending_grant_expiry', sparse: true },
  },
  {
    collection: 'partners',
    keys: { 'hubspot_integration.pending_grant.portal_id': 1 },
    options: { name: 'pending_grant_account', sparse: true },
  },
  { collection: 'partners', keys: { name: 1 }, options: { name: 'by_name', unique: true } },
  ...peopleIndexes,
  { collection: 'loginAttempts', keys: { window_until: 1 }, options: { name: 'expiry' } },
  {
    collection: 'oauthAttempts',
    keys: { state_hash: 1 },
    options: { name: 'one_attempt_per_state', unique: true },
  },
  {
    collection: 'oauthAttempts',
    keys: { session_id: 1, created_at: -1 },
    options: { name: 'by_session' },
  },
  {
    collection: 'oauthAttempts',
    keys: { partner_id: 1, used_at: 1, expires_at: 1 },
    options: { name: 'by_partner' },
  },
  { collection: 'oauthAttempts', keys: { expires_at: 1 }, options: { name: 'expiry' } },
  { collection: 'connectStarts', keys: { last_at: 1 }, options: { name: 'expiry' } },
  { collection: 'portalReservations', keys: { until: 1 }, options: { name: 'expiry' } },
  { collection: 'requestLimits', keys: { since: 1 }, options: { name: 'expiry' } },
  { collection: 'openStreams', keys: { until: 1 }, options: { name: 'expiry' } },
  ...(['leads', 'deals'] as const).flatMap((collection): IndexDefinition[] => [
    {
      collection,
      keys: { partner_id: 1, portal_id: 1, hubspot_id: 1 },
      options: {
        name: 'one_record_per_hubspot_id',
        unique: true,
        partialFilterExpression: { hubspot_id: { $gt: '' } },
      },
    },
    {
      collection,
      keys: { partner_id: 1, updated_at: -1, _id: -1 },
      options: { name: 'newest_first' },
    },
    { collection, keys: { partner_id: 1, _id: 1 }, options: { name: 'by_id' } },
    {
      collection,
      keys: { partner_id: 1, 'sync.state': 1, updated_at: -1, _id: -1 },
      options: { name: 'by_sync_state' },
    },
    { collection, keys: { partner_id: 1, search: 1 }, options: { name: 'search_words' } },
    // Own fields: one index for all of them (docs/decisions.md, D140).
    {
      collection,
      keys: { partner_id: 1, 'own_index.$**': 1 },
      options: { name: 'own_values', partialFilterExpression: { own_index: { $exists: true } } },
    },
    {
      collection,
      keys: { partner_id: 1, portal_id: 1, _id: 1 },
      options: { name: 'archived', partialFilterExpression: { archived_at: { $type: 'date' } } },
    },
    {
      collection,
      keys: { partner_id: 1, portal_id: 1 },
      options: {
        name: 'detached',
        partialFilterExpression: { detached_at: { $type: 'date' } },
      },
    },
    {
      collection,
      keys: { partner_id: 1, dirty: 1, 'sync.next_try_at': 1 },
      options: { name: 'outbox', partialFilterExpression: { dirty: true } },
    },
  ]),
  {
    collection: 'leads',
    keys: { partner_id: 1, local_email: 1 },
    options: {
      name: 'one_unlinked_lead_per_email',
      unique: true,
      partialFilterExpression: { local_email: { $gt: '' } },
    },
  },
  {
    collection: 'leads',
    keys: { partner_id: 1, 'values.email': 1, _id: 1 },
    options: { name: 'by_email' },
  },
  { collection: 'deals', keys: { partner_id: 1, lead_ids: 1 }, options: { name: 'by_lead' } },
  {
    collection: 'deals',
    keys: { partner_id: 1, hubspot_contact_ids: 1 },
    options: { name: 'by_hubspot_contact' },
  },
  {
    collection: 'deals',
    keys: { partner_id: 1, stage: 1, updated_at: -1, _id: -1 },
    options: { name: 'by_stage' },
  },
  {
    collection: 'deals',
    keys: {
      partner_id: 1,
      portal_id: 1,
      hubspot_pipeline_id: 1,
      hubspot_stage_id: 1,
      archived_at: 1,
    },
    options: { name: 'by_hubspot_stage' },
  },
  ...listIndexes,
  ...operationIndexes,
  { collection: 'recordAliases', keys: { partner_id: 1 }, options: { name: 'by_partner' } },
  // Expiry is checked when a key is read; the index only clears away.
  {
    collection: 'idempotencyKeys',
    keys: { expires_at: 1 },
    options: { name: 'expiry', expireAfterSeconds: 0 },
  },
  { collection: 'idempotencyKeys', keys: { partner_id: 1 }, options: { name: 'by_partner' } },
  // One run at a time per partner: the job only triggers, this index decides
  // (docs/architecture.md#runs).
  {
    collection: 'syncRuns',
    keys: { partner_id: 1, active: 1 },
    options: { name: 'one_active_run', unique: true, partialFilterExpression: { active: true } },
  },
  { collection: 'syncRuns', keys: { partner_id: 1, _id: -1 }, options: { name: 'newest_first' } },
  {
    collection: 'syncRuns',
    keys: { partner_id: 1, eventful: 1, _id: -1 },
    options: { name: 'newest_eventful' },
  },
  {
    collection: 'syncRuns',
    keys: { active: 1, 'lease.until': 1 },
    options: { name: 'to_take_over', partialFilterExpression: { active: true } },
  },
  {
    collection: 'runResults',
    keys: { run_id: 1, key: 1 },
    options: { name: 'one_per_record', unique: true },
  },
  { collection: 'runResults', keys: { run_id: 1, _id: 1 }, options: { name: 'by_run' } },
  {
    collection: 'runResults',
    keys: { partner_id: 1, outcome: 1, _id: 1 },
    options: { name: 'by_outcome' },
  },
  {
    collection: 'runResults',
    keys: { partner_id: 1, record_id: 1 },
    options: { name: 'by_record' },
  },
  {
    collection: 'runResults',
    keys: { partner_id: 1, hubspot_id: 1 },
    options: { name: 'by_hubspot_id' },
  },
  { collection: 'runResults', keys: { expires_at: 1 }, options: { name: 'expiry' } },
  {
    collection: 'webhookEvents',
    keys: { portal_id: 1, status: 1, received_at: 1 },
    options: { name: 'inbox' },
  },
  {
    collection: 'webhookEvents',
    keys: { status: 1, received_at: 1 },
    options: { name: 'backlog' },
  },
  {
    collection: 'webhookEvents',
    keys: { partner_id: 1, object_type: 1, object_id: 1 },
    options: { name: 'by_object' },
  },
  { collection: 'syncScopes', keys: { partner_id: 1 }, options: { name: 'by_partner' } },
  {
    collection: 'mappingVersions',
    keys: { partner_id: 1, _id: -1 },
    options: { name: 'newest_first' },
  },
  {
    collection: 'mappingVersions',
    keys: { partner_id: 1, kind: 1, _id: -1 },
    options: { name: 'newest_of_kind' },
  },
  {
    collection: 'ownFields',
    keys: { partner_id: 1, object: 1, key: 1 },
    options: { name: 'one_field_per_key', unique: true },
  },
  {
    collection: 'ownFields',
    keys: { partner_id: 1, object: 1, place: 1 },
    options: {
      name: 'one_field_per_place',
      unique: true,
      partialFilterExpression: { place: { $gte: 0 } },
    },
  },
  { collection: 'ownFields', keys: { deleted_at: 1 }, options: { name: 'to_purge' } },
  { collection: 'erasedContacts', keys: { partner_id: 1 }, options: { name: 'by_partner' } },
  ...noticeIndexes,
  {
    collection: 'stageMappings',
    keys: { 'drift.since': 1 },
    options: { name: 'with_drift', sparse: true },
  },
  {
    collection: 'fieldMappings',
    keys: { 'seen.drift.since': 1 },
    options: { name: 'with_drift', sparse: true },
  },
]
