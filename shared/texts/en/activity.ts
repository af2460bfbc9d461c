import type { HealthAnswer, WebhookTest } from '../../contracts/health'
import type { RecordOutcome } from '../../contracts/runs'

/** /settings/hubspot/activity */
export const activity = {
  title: 'Activity',
  intro: 'Every sync, what it changed, and why a record is or is not in sync.',
  correctness: {
    title: 'Correctness',
    text: 'From the last full comparison of every linked record.',
    value: (percent: string) => `${percent} identical`,
    detail: (identical: string, compared: string) => `${identical} of ${compared} linked records`,
    repaired: (count: string) => `${count} repaired`,
    none: 'Not compared yet',
    noneText: 'A full comparison reads every linked record on both sides and repairs what differs.',
    run: 'Compare everything',
    running: 'Comparing…',
    started: 'Comparison started',
  },
  chart: {
    title: 'Records per sync',
    text: (count: number, shown: string, most: string) =>
      count === 1
        ? `One finished sync so far: ${most} records.`
        : `The last ${shown} finished syncs, oldest first. The tallest bar is ${most} records.`,
    records: 'Records changed',
    errors: 'Errors',
    label: (when: string, changed: string, failed: string) =>
      `${when}: ${changed} changed, ${failed} failed`,
    empty: 'The chart appears after the first sync.',
    table: 'Show as table',
  },
  history: {
    title: 'History',
    kind: 'Kind',
    status: 'Result',
    anyKind: 'Any kind',
    eventful: 'Changed or failed',
    anyStatus: 'Any result',
    when: 'Started',
    took: 'Duration',
    records: 'Records',
    changed: 'Changed',
    failed: 'Failed',
    written: 'Written',
    open: (kind: string) => `Details of this sync: ${kind}`,
    emptyTitle: 'No syncs yet',
    emptyText: 'The history begins with the first sync after you connect HubSpot.',
    noneTitle: 'Nothing matches',
    noneText: 'Try other filters.',
  },
  run: {
    title: 'Sync details',
    trigger: 'Started',
    duration: 'Duration',
    rate: 'Speed',
    error: 'What went wrong',
    failedRecords: 'See failed records',
  },
  results: {
    title: 'Record by record',
    outcome: 'Outcome',
    object: 'Kind of record',
    anyOutcome: 'Any outcome',
    anyObject: 'Leads and deals',
    outcomes: {
      created: 'Created',
      updated: 'Updated',
      merged: 'Merged',
      archived: 'Deleted in HubSpot',
      skipped: 'Skipped',
      failed: 'Failed',
    } satisfies Record<RecordOutcome, string>,
    directions: { in: 'from HubSpot', out: 'to HubSpot' },
    reasons: {
      linked_by_email: 'Both sides had this e-mail address, so the two records were merged.',
      found_in_hubspot: 'HubSpot already had this record, so the two were merged.',
      merged_in_hubspot: 'Records were merged in HubSpot.',
      out_of_scope: 'The record is outside of what is synced. It stays here as it is.',
      gone_in_hubspot: 'The record was deleted in HubSpot, so nothing was written.',
      field_paused: 'Paused: its HubSpot property cannot be used now',
      unreadable_value: 'HubSpot’s value does not fit this field, so it was not used.',
    } as Record<string, string>,
    fields: (names: string) => `Changed: ${names}`,
    bounded:
      'This sync changed more records than are listed. We keep the first 1,000 changed ' +
      'and the first 1,000 failed records of each sync.',
    emptyText: 'This sync changed no records.',
    noneText: 'No records match these filters.',
    retry: 'Try again',
    retryNamed: (name: string) => `Try ${name} again`,
    retryAll: 'Try all failed again',
    waiting: 'Retrying',
    settled: 'Resolved since',
    noRetry: 'Trying again will not help. Change the record or the mapping first.',
    started: (count: number) => (count === 1 ? 'Retrying 1 record' : `Retrying ${count} records`),
    nothing: 'There is nothing left to retry',
    retryFailed: 'The retry could not be started',
  },
  explain: {
    title: 'Why is this record (not) in sync?',
    text: 'Look up one record by e-mail address, HubSpot id or our id.',
    label: 'E-mail address or id',
    submit: 'Look up',
    matched: {
      id: 'Found by our id',
      hubspot_id: 'Found by HubSpot id',
      email: 'Found by e-mail address',
    },
    noneTitle: 'No such record',
    noneText:
      'Neither a lead nor a deal has this id or e-mail address. If it is new in HubSpot, ' +
      'it arrives with the next sync.',
    lastError: 'Last error',
    nextTry: 'Next try',
    fields: 'Field by field',
    field: 'Field',
    property: 'HubSpot property',
    base: 'Last agreed',
    local: 'Ours',
    remote: 'HubSpot’s',
    both: 'On both sides',
    decision: 'Decision',
    rule: 'Because',
  },
  decisions: {
    equal: 'Nothing to do',
    kept: 'Keep ours here',
    took_hubspot: 'Take HubSpot’s',
    took_local: 'Write ours',
    merged: 'Keep what either side chose',
    refused: 'Left alone',
    not_mapped: 'Not synced',
  } as Record<string, string>,
  rules: {
    same_on_both_sides: 'Same on both sides',
    only_local_changed: 'Only ours changed',
    only_hubspot_changed: 'Only HubSpot’s changed',
    never_agreed: 'Not compared before',
    hubspot_wins: 'Both changed: HubSpot wins',
    local_wins: 'Both changed: ours wins',
    latest_wins: 'Both changed: the latest change wins',
    fill_if_empty: 'A value is only filled in where the other side has none',
    choices_merged: 'Both changed: the choices of both sides count',
    inbound_only: 'This field only syncs from HubSpot',
    outbound_only: 'This field only syncs to HubSpot',
    not_read_yet: 'Not read from HubSpot yet',
    unreadable_value: 'HubSpot’s value does not fit this field',
    write_back_off: 'Write-back is off',
    mapping_paused: 'The HubSpot stage changed: see Mapping',
    stage_not_mapped: 'The stage is not mapped',
    not_mapped: 'The field is not mapped',
    hubspot_record_gone: 'The record was deleted in HubSpot',
  } as Record<string, string>,
} as const

/** /settings/hubspot/health */
export const health = {
  title: 'Health',
  partnerIntro: 'Whether HubSpot can be reached, what failed, and what you can do about it.',
  questions: {
    hubspot: 'Can we reach your HubSpot?',
    permissions: 'Do we have the permissions we need?',
    notifications: 'Do notifications from HubSpot arrive?',
    records: 'Did any record fail?',
  } satisfies Record<HealthAnswer['id'], string>,
  goThere: {
    hubspot: 'To the connection',
    permissions: 'To the connection',
    notifications: 'To the connection',
    records: 'To what failed',
  } satisfies Record<HealthAnswer['id'], string>,
  lastEvent: 'The latest notification came',
  eventsWaiting: (count: number, shown: string) =>
    count === 1 ? 'One waits to be worked off.' : `${shown} wait to be worked off.`,
  test: 'Send a test notification',
  testResults: {
    arrived:
      'The test arrived: it was signed as HubSpot does it, and came in through the public address.',
    not_https:
      'HubSpot sends notifications to public https addresses only, and this installation has ' +
      'none. Changes arrive at the next sync. Your operator can set an address.',
    unreachable:
      'This server cannot reach its own public address. From inside some networks that is so ' +
      'although HubSpot can; if no notification came since you changed something in HubSpot, ' +
      'tell your operator.',
    redirected:
      'The public address points to another one, which HubSpot does not follow. Tell your ' +
      'operator.',
    refused_signature:
      'The test came to a server that refused its signature: a proxy changes what is sent, or ' +
      'another installation answers there. Tell your operator.',
    answered_elsewhere:
      'Another program answers at the public address: the test did not arrive here. Tell your ' +
      'operator.',
    refused: 'A server on the way refused the test. Tell your operator.',
  } satisfies Record<WebhookTest['result'], string>,
  catchingUp: 'A large import in HubSpot is being caught up with',
  run: 'Check again',
  running: 'Checking…',
  copy: 'Copy report',
  copied: 'Report copied',
  copyFailed: 'The report could not be copied',
  copyFailedText: 'Select the text below and copy it.',
  report: 'Report',
  reportText: 'Safe to share: it contains no tokens, secrets or personal data.',
  status: { pass: 'Good', warn: 'Check this', fail: 'Needs fixing', skipped: 'Not checked' },
  summary: {
    good: 'Everything is in order',
    warn: (count: number) => (count === 1 ? '1 thing to check' : `${count} things to check`),
    fail: (count: number) => (count === 1 ? '1 thing needs fixing' : `${count} things need fixing`),
  },
  fix: 'What to do',
  answers: {
    notConnected: 'HubSpot is not connected.',
    noneFailed: 'Every record could be synced.',
    failed: (count: number, cause: string, ofIt: number) =>
      `${count.toLocaleString('en')} ${count === 1 ? 'record' : 'records'} could not be synced. ` +
      `The most frequent cause (${ofIt.toLocaleString('en')}): ${cause}.`,
    notified: 'HubSpot tells us when something changes there.',
    noNotification:
      'HubSpot has told us of no change in seven days. That is so when nothing changed there; ' +
      'changes also arrive without it, at the next sync.',
  },
  memberTitle: 'Health is for admins',
  memberText: 'Ask an admin of your organisation if something looks wrong.',
  checked: 'Checked',
  quotaMeter: {
    title: 'HubSpot request budget',
    text:
      'HubSpot limits how many requests we may send. We stay below the limit across all ' +
      'servers and keep some of it free for what you do on this page.',
    tenSeconds: 'Requests in 10 seconds',
    searches: 'Searches per second',
    daily: 'Requests today',
    left: (remaining: string, limit: string) => `${remaining} of ${limit} left`,
    paused: 'HubSpot asked us to pause until',
    reported: (remaining: string, limit: string) =>
      `HubSpot’s own count: ${remaining} of ${limit} left,`,
    notReported: 'HubSpot has not reported its own count yet.',
    noDaily: 'HubSpot has no daily limit for this app.',
  },
  checks: {
    alert_email: 'Alert e-mail',
    api_versions: 'API versions',
    client_id: 'Client id',
    client_secret: 'Client secret',
    clock_skew: 'Clock',
    connection: 'Connection',
    database: 'Database',
    encryption_keys: 'Encryption keys',
    hubspot_addresses: 'HubSpot addresses',
    indexes: 'Indexes',
    portal: 'HubSpot account',
    quota: 'HubSpot quota',
    redirect_uri: 'Redirect address',
    scopes: 'Permissions',
    success_rate: 'Success rate',
    webhook_signature: 'Webhook signature',
    webhook_url: 'Webhook address',
  } as Record<string, string>,
} as const

/** /settings/hubspot/installation */
export const installation = {
  title: 'Installation',
  intro:
    'For who runs this installation: all that it depends on. “npm run doctor” checks the same.',
} as const
