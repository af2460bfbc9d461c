import { manyRecords } from './many-records'
import type { OperationNotes } from './notes'
import { noticeOperations } from './notice-operations'
import { ownFields } from './own-fields'
import { peopleOperations } from './people-operations'

const hubspot = '/api/v1/integrations/hubspot'

const csv =
  'A download of any length: UTF-8 with a byte order mark, RFC 4180. A cell that a ' +
  'spreadsheet would take for a formula begins with an apostrophe. Audited.'

export const operations: Record<string, OperationNotes> = {
  'POST /api/v1/auth/login': {
    tag: 'Sign-in',
    summary: 'Sign in',
    description:
      'Sets the session cookie. Wrong credentials of any kind answer 401 ' +
      '`invalid_credentials`; too many tries 429 `too_many_attempts` with `Retry-After`; the ' +
      'right password of somebody who has a passkey 401 `second_factor_required`.',
  },
  'POST /api/v1/auth/logout': {
    tag: 'Sign-in',
    summary: 'Sign out',
    description: 'Ends the session on the server as well.',
  },
  'GET /api/v1/auth/me': { tag: 'Sign-in', summary: 'Who is signed in' },
  'GET /api/v1/auth/sessions': {
    tag: 'Sign-in',
    summary: 'Where I am signed in',
    description: "One's own live sessions, the one seen last first.",
  },
  'DELETE /api/v1/auth/sessions': {
    tag: 'Sign-in',
    summary: 'Sign out everywhere',
    description:
      "Ends all of one's own sessions, this one as well. Open event streams close within " +
      '30 seconds.',
  },
  'DELETE /api/v1/auth/sessions/{id}': {
    tag: 'Sign-in',
    summary: 'End one of my sessions',
    description: 'Counts from the next request on.',
  },
  ...peopleOperations,
  [`GET ${hubspot}`]: {
    tag: 'Connection',
    summary: 'State of the connection',
    description: 'Never carries a token.',
  },
  [`POST ${hubspot}/connect`]: {
    tag: 'Connection',
    summary: 'Begin to connect',
    description:
      'Mints a single-use `state`, bound to user, session and browser, for ten minutes. ' +
      'More than ten a minute by one person answer 429 `too_many_attempts` with ' +
      '`Retry-After`. The page builds the authorize URL with it.',
  },
  [`GET ${hubspot}/callback`]: {
    tag: 'Connection',
    summary: "HubSpot's redirect back",
    alsoWithoutApi: true,
    description: 'Also where a marketplace install begins and ends (`step`, `returnUrl`).',
    answer: {
      status: 302,
      description:
        'To `/settings/hubspot?success=true`, to `/settings/hubspot?error=<code>`, to ' +
        "the sign-in page, or to HubSpot's own app",
    },
  },
  [`GET ${hubspot}/token`]: {
    tag: 'Connection',
    summary: "An access token, for a partner's own programs",
    alsoWithoutApi: true,
    description:
      'Refreshed when it has less than five minutes left. Refused to browsers; audited; ' +
      '404 `token_route_disabled` unless `NUXT_HUBSPOT_TOKEN_ROUTE` is `true`.',
  },
  [`POST ${hubspot}/refresh`]: {
    tag: 'Connection',
    summary: 'Refresh the access token now',
    alsoWithoutApi: true,
  },
  [`DELETE ${hubspot}/disconnect`]: {
    tag: 'Connection',
    summary: 'Disconnect',
    alsoWithoutApi: true,
    description:
      'Uninstalls at HubSpot, revokes, forgets the tokens. Leads, links and mappings ' +
      'stay. Always ends disconnected; `remaining` says what is left to do at HubSpot.',
  },
  [`POST ${hubspot}/pending`]: {
    tag: 'Connection',
    summary: 'Connect the account that waits',
    description:
      'After an install that began at HubSpot, a new account waits for ten minutes ' +
      '(`pendingPortal`) until an admin has seen it named. `portalId` repeats what was seen. ' +
      'Answers where to go next; 404 when no grant of this account waits.',
  },
  [`DELETE ${hubspot}/pending`]: {
    tag: 'Connection',
    summary: 'Keep the account there was',
    description:
      'Drops a grant of another account that waits for a word (`pendingPortal`) and ' +
      'uninstalls the app there, unless a partner uses that account. Answers the ' +
      'connection; nothing pending is no error.',
  },
  [`DELETE ${hubspot}/records`]: {
    tag: 'Connection',
    summary: 'Erase what was imported',
    description:
      'Only while HubSpot is not connected, else 409 `hubspot_connected`. Erases leads ' +
      'and deals that are or were linked to HubSpot, webhook events, and what runs kept ' +
      'of records; what was made here and never reached HubSpot stays, and so do ' +
      'mappings. Works for some seconds and answers `done: false` when more is left: ' +
      'call again.',
  },
  [`PATCH ${hubspot}/settings`]: {
    tag: 'Connection',
    summary: 'Turn write-back or the pause on or off',
  },
  [`GET ${hubspot}/events`]: {
    tag: 'Sync',
    summary: 'Connection and run, live',
    description:
      'Server-sent events: `connection` with a `Connection`, `run` with a `Run`; the ' +
      'present state at once, a comment every 15 s.',
    answer: { status: 200, description: 'The stream', contentType: 'text/event-stream' },
  },
  [`POST ${hubspot}/sync`]: {
    tag: 'Sync',
    summary: 'Sync now',
    alsoWithoutApi: true,
    description:
      'A run that is under way is returned, not doubled. 409 `sync_paused` while paused.',
  },
  [`GET ${hubspot}/runs`]: { tag: 'Sync', summary: 'History of runs, newest first' },
  [`GET ${hubspot}/runs/{id}`]: { tag: 'Sync', summary: 'One run' },
  [`GET ${hubspot}/runs/{id}/results`]: {
    tag: 'Sync',
    summary: 'What one run did, record by record',
    description:
      'Records that changed, were left out or failed; at most 1,000 that changed and ' +
      '1,000 that failed are kept of one run, as long as the run. `complete` says ' +
      'whether that is all of them.',
  },
  [`POST ${hubspot}/retry`]: {
    tag: 'Sync',
    summary: 'Try failed records again',
    description:
      'One result, all failed ones of a run, one record, or everything. What could not ' +
      'be taken in is read from HubSpot again, what could not be written goes out again. ' +
      '409 `write_back_off` where only a write is asked for and write-back is off.',
  },
  [`GET ${hubspot}/failures`]: {
    tag: 'Sync',
    summary: 'Records that could not be written, by cause',
    description: 'Each cause with how many, who can mend it, what to do, and up to five records.',
  },
  [`GET ${hubspot}/failures/{cause}`]: {
    tag: 'Sync',
    summary: 'The records of one cause',
    description: 'Up to 200 of them, and how many there are.',
  },
  [`GET ${hubspot}/failures/export`]: {
    tag: 'Sync',
    summary: 'Records that could not be written, as CSV',
    answer: { status: 200, description: 'The file', contentType: 'text/csv' },
  },
  [`POST ${hubspot}/failures/{cause}/retry`]: {
    tag: 'Sync',
    summary: "Try one cause's records again",
    description:
      '`runId` is `null` where there is nothing to write. 409 `write_back_off` where write-back ' +
      'is off.',
  },
  [`GET ${hubspot}/pipelines`]: {
    tag: 'Mapping',
    summary: 'Deal pipelines and stages of the connected account',
  },
  [`GET ${hubspot}/properties/{object}`]: {
    tag: 'Mapping',
    summary: 'Properties of contacts or deals',
  },
  [`GET ${hubspot}/samples/{object}`]: {
    tag: 'Mapping',
    summary: 'A few recent values of properties',
    description:
      'Up to three distinct values each, shortened, from linked records or, where ' +
      'nothing has been read yet, from HubSpot.',
  },
  [`GET ${hubspot}/owners`]: {
    tag: 'Mapping',
    summary: 'People of the account whom records can belong to',
    description: 'Empty where the account did not grant `crm.objects.owners.read`.',
  },
  [`GET ${hubspot}/labels`]: {
    tag: 'Mapping',
    summary: "HubSpot's words for mapped properties, their options and deal stages",
  },
  [`GET ${hubspot}/stage-mapping`]: {
    tag: 'Mapping',
    summary: 'Stage mapping, with suggestions and drift',
  },
  [`PUT ${hubspot}/stage-mapping`]: {
    tag: 'Mapping',
    summary: 'Replace the stage mapping',
    description: 'Two write-back stages for one of ours in one pipeline are 422.',
  },
  [`GET ${hubspot}/field-mapping`]: { tag: 'Mapping', summary: 'Field mapping' },
  [`PUT ${hubspot}/field-mapping`]: { tag: 'Mapping', summary: 'Replace the field mapping' },
  [`POST ${hubspot}/preview`]: {
    tag: 'Insight',
    summary: 'What the next sync would do',
    description: 'Nothing is written.',
  },
  [`GET ${hubspot}/preview/export`]: {
    tag: 'Insight',
    summary: 'What the next sync would do, every change as CSV',
    description: 'The name and the first lines say when it is a part.',
    answer: { status: 200, description: 'The file', contentType: 'text/csv' },
  },
  [`GET ${hubspot}/explain`]: { tag: 'Insight', summary: 'Why a record is or is not in sync' },
  [`GET ${hubspot}/quota`]: {
    tag: 'Insight',
    summary: "What is left of HubSpot's request budgets",
    description:
      "By our own log of requests over all processes, and as HubSpot's last answer said.",
  },
  [`GET ${hubspot}/doctor`]: {
    tag: 'Insight',
    summary: 'Examine the installation and the connection',
    description: '`report` is text to copy, without secrets.',
  },
  'GET /api/v1/notices': { tag: 'Insight', summary: 'Open notices, newest first' },
  ...noticeOperations,
  'GET /api/v1/leads': { tag: 'Records', summary: 'Leads' },
  'POST /api/v1/leads': { tag: 'Records', summary: 'New lead' },
  'GET /api/v1/leads/export': {
    tag: 'Records',
    summary: 'All leads as CSV',
    description: csv,
    answer: { status: 200, description: 'The file', contentType: 'text/csv' },
  },
  'GET /api/v1/leads/{id}': { tag: 'Records', summary: 'One lead' },
  'GET /api/v1/leads/{id}/history': {
    tag: 'Records',
    summary: 'What happened to a lead, newest first',
    description:
      'The last 100 changes of a year: by whom, on which side, from what to what, by which rule.',
  },
  'PATCH /api/v1/leads/{id}': {
    tag: 'Records',
    summary: 'Change a lead',
    description:
      'With a stale `revision`: 409 `stale_revision`, the present record in `data.current`.',
  },
  'GET /api/v1/deals': { tag: 'Records', summary: 'Deals' },
  'POST /api/v1/deals': { tag: 'Records', summary: 'New deal' },
  'GET /api/v1/deals/export': {
    tag: 'Records',
    summary: 'All deals as CSV',
    description: csv,
    answer: { status: 200, description: 'The file', contentType: 'text/csv' },
  },
  'GET /api/v1/deals/{id}': { tag: 'Records', summary: 'One deal' },
  'GET /api/v1/deals/{id}/history': {
    tag: 'Records',
    summary: 'What happened to a deal, newest first',
    description: 'As of a lead.',
  },
  'PATCH /api/v1/deals/{id}': {
    tag: 'Records',
    summary: 'Change a deal',
    description:
      'With a stale `revision`: 409 `stale_revision`, the present record in `data.current`.',
  },
  'POST /api/v1/leads/webhooks/hubspot': {
    tag: 'HubSpot',
    summary: "HubSpot's webhook target",
    alsoWithoutApi: true,
    description:
      'A JSON array of up to 100 events with `X-HubSpot-Signature-v3` and ' +
      '`X-HubSpot-Request-Timestamp`. A bad signature is 401 `invalid_signature` and ' +
      'stores nothing.',
    answer: { status: 200, description: 'Durably stored', contentType: 'application/json' },
  },
  ...manyRecords,
  ...ownFields,
}
