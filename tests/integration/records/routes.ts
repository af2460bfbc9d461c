import fieldsCreate from '../../../server/api/v1/fields/index.post'
import dealsList from '../../../server/api/v1/deals/index.get'
import dealsCreate from '../../../server/api/v1/deals/index.post'
import dealGet from '../../../server/api/v1/deals/[id].get'
import dealPatch from '../../../server/api/v1/deals/[id].patch'
import dealsBulk from '../../../server/api/v1/deals/bulk.post'
import leadsBulk from '../../../server/api/v1/leads/bulk.post'
import leadsImport from '../../../server/api/v1/leads/import.post'
import operation from '../../../server/api/v1/operations/[id].get'
import operationResults from '../../../server/api/v1/operations/[id]/results.get'
import operationUndo from '../../../server/api/v1/operations/[id]/undo.post'
import runUndo from '../../../server/api/v1/integrations/hubspot/runs/[id]/undo.post'
import leadEntryUndo from '../../../server/api/v1/leads/[id]/history/[entryId]/undo.post'
import dealEntryUndo from '../../../server/api/v1/deals/[id]/history/[entryId]/undo.post'
import leadHistory from '../../../server/api/v1/leads/[id]/history.get'
import leadDelete from '../../../server/api/v1/leads/[id].delete'
import dealDelete from '../../../server/api/v1/deals/[id].delete'
import explain from '../../../server/api/v1/integrations/hubspot/explain.get'
import fieldMapping from '../../../server/api/v1/integrations/hubspot/field-mapping.get'
import fieldMappingPut from '../../../server/api/v1/integrations/hubspot/field-mapping.put'
import pipelines from '../../../server/api/v1/integrations/hubspot/pipelines.get'
import preview from '../../../server/api/v1/integrations/hubspot/preview.post'
import previewExport from '../../../server/api/v1/integrations/hubspot/preview/export.get'
import properties from '../../../server/api/v1/integrations/hubspot/properties/[object].get'
import stageMapping from '../../../server/api/v1/integrations/hubspot/stage-mapping.get'
import stageMappingPut from '../../../server/api/v1/integrations/hubspot/stage-mapping.put'
import leadsList from '../../../server/api/v1/leads/index.get'
import leadsCreate from '../../../server/api/v1/leads/index.post'
import leadGet from '../../../server/api/v1/leads/[id].get'
import leadPatch from '../../../server/api/v1/leads/[id].patch'

const hubspot = '/api/v1/integrations/hubspot'

/** The routes of leads, deals, mapping and insight at their places. */
export const recordRoutes = [
  { method: 'POST' as const, path: '/api/v1/fields', handler: fieldsCreate },
  { method: 'POST' as const, path: '/api/v1/leads/bulk', handler: leadsBulk },
  { method: 'POST' as const, path: '/api/v1/leads/import', handler: leadsImport },
  { method: 'POST' as const, path: '/api/v1/deals/bulk', handler: dealsBulk },
  { method: 'DELETE' as const, path: '/api/v1/leads/:id', handler: leadDelete },
  { method: 'DELETE' as const, path: '/api/v1/deals/:id', handler: dealDelete },
  { method: 'GET' as const, path: '/api/v1/operations/:id', handler: operation },
  { method: 'GET' as const, path: '/api/v1/operations/:id/results', handler: operationResults },
  { method: 'POST' as const, path: '/api/v1/operations/:id/undo', handler: operationUndo },
  { method: 'POST' as const, path: `${hubspot}/runs/:id/undo`, handler: runUndo },
  {
    method: 'POST' as const,
    path: '/api/v1/leads/:id/history/:entryId/undo',
    handler: leadEntryUndo,
  },
  {
    method: 'POST' as const,
    path: '/api/v1/deals/:id/history/:entryId/undo',
    handler: dealEntryUndo,
  },
  { method: 'GET' as const, path: '/api/v1/leads/:id/history', handler: leadHistory },
  { method: 'GET' as const, path: '/api/v1/leads', handler: leadsList },
  { method: 'POST' as const, path: '/api/v1/leads', handler: leadsCreate },
  { method: 'GET' as const, path: '/api/v1/leads/:id', handler: leadGet },
  { method: 'PATCH' as const, path: '/api/v1/leads/:id', handler: leadPatch },
  { method: 'GET' as const, path: '/api/v1/deals', handler: dealsList },
  { method: 'POST' as const, path: '/api/v1/deals', handler: dealsCreate },
  { method: 'GET' as const, path: '/api/v1/deals/:id', handler: dealGet },
  { method: 'PATCH' as const, path: '/api/v1/deals/:id', handler: dealPatch },
  { method: 'GET' as const, path: `${hubspot}/pipelines`, handler: pipelines },
  { method: 'GET' as const, path: `${hubspot}/properties/:object`, handler: properties },
  { method: 'GET' as const, path: `${hubspot}/stage-mapping`, handler: stageMapping },
  { method: 'PUT' as const, path: `${hubspot}/stage-mapping`, handler: stageMappingPut },
  { method: 'GET' as const, path: `${hubspot}/field-mapping`, handler: fieldMapping },
  { method: 'PUT' as const, path: `${hubspot}/field-mapping`, handler: fieldMappingPut },
  { method: 'POST' as const, path: `${hubspot}/preview`, handler: preview },
  { method: 'GET' as const, path: `${hubspot}/preview/export`, handler: previewExport },
  { method: 'GET' as const, path: `${hubspot}/explain`, handler: explain },
]
