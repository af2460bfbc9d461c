import type { OperationNotes } from './notes'

const background =
  'Worked off in the background: `GET /api/v1/operations/{id}` says how far it is. It survives a ' +
  'restart.'

/** Routes that read or change many records at once. */
export const manyRecords: Record<string, OperationNotes> = {
  'POST /api/v1/leads/bulk': {
    tag: 'Records',
    summary: 'Change many leads',
    description: `Up to 1,000 by \`ids\`, or all that a list's query asks for. ${background}`,
  },
  'POST /api/v1/deals/bulk': {
    tag: 'Records',
    summary: 'Change many deals',
    description: `Up to 1,000 by \`ids\`, or all that a list's query asks for. ${background}`,
  },
  'GET /api/v1/operations/{id}': {
    tag: 'Records',
    summary: 'A change of many records',
    description: 'Kept for 90 days.',
  },
  'GET /api/v1/operations/{id}/results': {
    tag: 'Records',
    summary: 'Records that an operation left as they were, and why',
  },
}
