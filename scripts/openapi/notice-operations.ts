import type { OperationNotes } from './notes'

/** How notices reach people and partners' own programs. */
export const noticeOperations: Record<string, OperationNotes> = {
  'GET /api/v1/integrations/hubspot/health': {
    tag: 'Insight',
    summary: 'Whether HubSpot can be reached, notifications arrive, and what failed',
    description: "About the partner's own connection; nothing about the installation.",
  },
  'POST /api/v1/integrations/hubspot/webhook-test': {
    tag: 'Insight',
    summary: 'Send a signed delivery through the public address and see whether it arrives',
    description: 'As HubSpot sends it. It names no record and changes nothing.',
  },
  'GET /api/v1/notices/preferences': {
    tag: 'Insight',
    summary: 'How I hear of notices by e-mail',
    description:
      'Each kind at once, in a daily e-mail, or not. Security e-mails cannot be turned off.',
  },
  'PUT /api/v1/notices/preferences': {
    tag: 'Insight',
    summary: 'Choose how I hear of notices by e-mail',
    description: 'Kinds that are left out stay as they are.',
  },
  'GET /api/v1/notices/webhook': {
    tag: 'Insight',
    summary: "Where notices are sent to beside e-mail, and the latest delivery's result",
    description: 'Host and end of the address only: the address itself may be a secret.',
  },
  'PUT /api/v1/notices/webhook': {
    tag: 'Insight',
    summary: 'Set the address that notices are sent to',
    description:
      'An https address of a public host. Answers the secret that deliveries are signed with, ' +
      'once. Audited. Deliveries are `{"text": …}` with the headers of docs/notices.md.',
  },
  'DELETE /api/v1/notices/webhook': {
    tag: 'Insight',
    summary: 'Send notices to no address any more',
  },
  'POST /api/v1/notices/webhook/test': {
    tag: 'Insight',
    summary: 'Send a test to the address, and say what came of it',
  },
}
