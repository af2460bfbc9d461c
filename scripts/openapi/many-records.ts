import type { OperationNotes } from './notes'

const background =
  'Worked off in the background: `GET /api/v1/operations/{id}` says how far it is. It survives a ' +
  'restart.'

const remove =
  'Here only: the HubSpot record stays, and is not stored here again. With `inHubspot=true` it is ' +
  'archived in HubSpot as well, where it can be restored.'

const undo =
  'Here and in HubSpot. With `dryRun` it says what would change, and changes nothing; else 202 with ' +
  'the `operationId`. What somebody changed since is left alone and listed. Possible for 90 days. ' +
  'An undo can be undone.'

/** Routes that read or change many records at once. */
export const manyRecords: Record<string, OperationNotes> = {
  'POST /api/v1/leads/bulk': {
    tag: 'Records',
    summary: 'Change many leads',
    description: `Up to 1,000 by \`ids\`, or all that a list's query asks for. ${background}`,
  },
  'POST /api/v1/leads/import': {
    tag: 'Records',
    summary: 'Import leads from a CSV file',
    description:
      'The first line names fields or their labels. A lead whose e-mail address is known is changed ' +
      'in the columns that are not empty; others are made. With `dryRun=true` 200 with what would ' +
      `happen; else 202 with the \`operationId\`. ${background}`,
  },
  'POST /api/v1/deals/bulk': {
    tag: 'Records',
    summary: 'Change many deals',
    description: `Up to 1,000 by \`ids\`, or all that a list's query asks for. ${background}`,
  },
  'DELETE /api/v1/leads/{id}': {
    tag: 'Records',
    summary: 'Delete a lead',
    description: remove,
    answer: { status: 204, description: 'Deleted' },
  },
  'DELETE /api/v1/deals/{id}': {
    tag: 'Records',
    summary: 'Delete a deal',
    description: remove,
    answer: { status: 204, description: 'Deleted' },
  },
  'GET /api/v1/views': {
    tag: 'Records',
    summary: 'Saved views of the lists',
    description: "One's own, and those that others of the organisation share.",
  },
  'POST /api/v1/views': {
    tag: 'Records',
    summary: 'Save a view',
    description:
      "`query` is the list's own, without `limit` and `cursor`. 409 `name_taken` where one has " +
      'a view of that name for that list. At most 50 for each user.',
  },
  'DELETE /api/v1/views/{id}': { tag: 'Records', summary: "Delete a view of one's own" },
  'GET /api/v1/operations/{id}': {
    tag: 'Records',
    summary: 'A change of many records',
    description: 'Kept for 90 days.',
  },
  'POST /api/v1/operations/{id}/undo': {
    tag: 'Records',
    summary: 'Undo an operation',
    description: undo,
  },
  'POST /api/v1/integrations/hubspot/runs/{id}/undo': {
    tag: 'Sync',
    summary: 'Undo what a run changed',
    description: undo,
  },
  'POST /api/v1/leads/{id}/history/{entryId}/undo': {
    tag: 'Records',
    summary: 'Undo one change of a lead',
    description: undo,
  },
  'POST /api/v1/deals/{id}/history/{entryId}/undo': {
    tag: 'Records',
    summary: 'Undo one change of a deal',
    description: undo,
  },
  'GET /api/v1/operations/{id}/results': {
    tag: 'Records',
    summary: 'Records that an operation left as they were, and why',
  },
}
