import type { OperationNotes } from './notes'

/** What admins add to leads and deals. */
export const ownFields: Record<string, OperationNotes> = {
  'GET /api/v1/fields': {
    tag: 'Mapping',
    summary: 'Fields that admins added',
    description: '`deleted` has those that can still be taken back.',
  },
  'POST /api/v1/fields': {
    tag: 'Mapping',
    summary: 'Add a field',
    description:
      'With a `property` of HubSpot, type and choices are those of its definition. At most 100 for leads and for deals.',
  },
  'PATCH /api/v1/fields/{id}': { tag: 'Mapping', summary: 'Change a field or how it is mapped' },
  'DELETE /api/v1/fields/{id}': {
    tag: 'Mapping',
    summary: 'Delete a field',
    description:
      'Says what is lost; with `dryRun=true` that is all. It can be taken back for 30 days.',
  },
  'POST /api/v1/fields/{id}/restore': { tag: 'Mapping', summary: 'Take a deleted field back' },
  'GET /api/v1/integrations/hubspot/mapping-versions': {
    tag: 'Mapping',
    summary: 'Mappings as they were stored, newest first',
  },
  'POST /api/v1/integrations/hubspot/mapping-versions/{id}/restore': {
    tag: 'Mapping',
    summary: 'Store an earlier mapping again',
    description: 'What is gone since is left out and named.',
  },
  'GET /api/v1/integrations/hubspot/scope': {
    tag: 'Mapping',
    summary: 'Which records are synced',
    description: 'What is empty leaves nothing out.',
  },
  'PUT /api/v1/integrations/hubspot/scope': {
    tag: 'Mapping',
    summary: 'Choose which records are synced',
    description:
      'Ids that HubSpot does not have are refused with 422, which names them. 409 `permission_missing` where HubSpot does not let us read lists or owners. Records are brought in line by a run.',
  },
  'POST /api/v1/integrations/hubspot/scope/preview': {
    tag: 'Mapping',
    summary: 'Count what a scope takes in, without saving it',
    description: '`basis` says where each number comes from.',
  },
  'POST /api/v1/integrations/hubspot/scope/rehearsal': {
    tag: 'Mapping',
    summary: 'Say which stored records a scope would leave out or take in',
    description:
      'Played on the stored records. Nothing is written; of HubSpot only the ids on its lists are read.',
  },
  'GET /api/v1/integrations/hubspot/lists': {
    tag: 'Mapping',
    summary: "HubSpot's lists of contacts",
    description: '`allowed` is `false` where the account did not grant `crm.lists.read`.',
  },
  'POST /api/v1/integrations/hubspot/rehearsal': {
    tag: 'Mapping',
    summary: 'Say what another mapping, or write-back, would change',
    description:
      'Played on the stored records and the changes of the last 30 days. Nothing is written, and HubSpot is not asked.',
  },
  'POST /api/v1/integrations/hubspot/rehearsal/record': {
    tag: 'Mapping',
    summary: 'Say what a field mapping would do to one record',
  },
}
