import type { Db } from 'mongodb'
import type * as doc from './documents'

/** The collections by their names in MongoDB, each with the type of its documents. */
export function collectionsOf(db: Db) {
  return {
    partners: db.collection<doc.PartnerDocument>('partners'),
    users: db.collection<doc.UserDocument>('users'),
    sessions: db.collection<doc.SessionDocument>('sessions'),
    loginAttempts: db.collection<doc.LoginAttemptDocument>('login_attempts'),
    passkeys: db.collection<doc.PasskeyDocument>('passkeys'),
    passkeyChallenges: db.collection<doc.PasskeyChallengeDocument>('passkey_challenges'),
    serviceKeys: db.collection<doc.ServiceKeyDocument>('service_keys'),
    oauthAttempts: db.collection<doc.OauthAttemptDocument>('oauth_attempts'),
    connectStarts: db.collection<doc.ConnectStartsDocument>('connect_starts'),
    leads: db.collection<doc.LeadDocument>('leads'),
    deals: db.collection<doc.DealDocument>('deals'),
    recordAliases: db.collection<doc.RecordAliasDocument>('record_aliases'),
    idempotencyKeys: db.collection<doc.IdempotencyKeyDocument>('idempotency_keys'),
    syncRuns: db.collection<doc.SyncRunDocument>('sync_runs'),
    runResults: db.collection<doc.RunResultDocument>('run_results'),
    syncCursors: db.collection<doc.SyncCursorDocument>('sync_cursors'),
    webhookEvents: db.collection<doc.WebhookEventDocument>('webhook_events'),
    stageMappings: db.collection<doc.StageMappingDocument>('stage_mappings'),
    fieldMappings: db.collection<doc.FieldMappingDocument>('field_mappings'),
    syncScopes: db.collection<doc.SyncScopeDocument>('sync_scopes'),
    mappingVersions: db.collection<doc.MappingVersionDocument>('mapping_versions'),
    ownFields: db.collection<doc.OwnFieldDocument>('own_fields'),
    erasedContacts: db.collection<doc.ErasedContactDocument>('erased_contacts'),
    schemaCache: db.collection<doc.SchemaCacheDocument>('hubspot_schema_cache'),
    auditLog: db.collection<doc.AuditDocument>('audit_log'),
    pace: db.collection<doc.PaceDocument>('hubspot_pace'),
    notices: db.collection<doc.NoticeDocument>('notices'),
    operations: db.collection<doc.OperationDocument>('operations'),
    operationResults: db.collection<doc.OperationResultDocument>('operation_results'),
    importRows: db.collection<doc.ImportRowsDocument>('import_rows'),
    deletedRecords: db.collection<doc.DeletedRecordDocument>('deleted_records'),
    dismissedRecords: db.collection<doc.DismissedRecordDocument>('dismissed_records'),
    portalReservations: db.collection<doc.PortalReservationDocument>('portal_reservations'),
    requestLimits: db.collection<doc.RequestLimitDocument>('request_limits'),
    openStreams: db.collection<doc.OpenStreamsDocument>('open_streams'),
    savedViews: db.collection<doc.SavedViewDocument>('saved_views'),
    meta: db.collection<doc.MetaDocument>('meta'),
  }
}
export type Collections = ReturnType<typeof collectionsOf>
