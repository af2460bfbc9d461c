import type { ConnectionState } from '../../contracts/connection'

/** The connection's state in whole sentences (`server/connection/summary.ts`) */
export const summary = {
  /** The state in a word or two, for the mark beside a title */
  word: {
    not_connected: 'Not connected',
    connecting: 'Connecting',
    importing: 'Importing',
    syncing: 'Syncing',
    in_step: 'Connected',
    waiting: 'Changes waiting',
    failing: 'Needs attention',
    hubspot_unavailable: 'HubSpot unavailable',
    paused: 'Paused',
    revoked: 'Permission lost',
    disconnected: 'Disconnected',
  } satisfies Record<ConnectionState, string>,
  not_connected: 'HubSpot is not connected yet.',
  connecting: 'Finish connecting on HubSpot’s page. The state here changes by itself.',
  firstImportSoon: 'HubSpot is connected. The first import starts in a moment.',
  disconnected: 'HubSpot is disconnected. Records stay as they are and are not synced.',
  revoked: 'HubSpot no longer gives us access. Nothing is synced until an admin re-authorizes it.',
  paused: (email: string | null) =>
    email === null ? 'Syncing is paused.' : `${email} paused syncing.`,
  pauseReason: (reason: string) => `Reason: ${reason}${/[.!?]$/.test(reason) ? '' : '.'}`,
  waitsForScope:
    'HubSpot is connected. Nothing is read from it until an admin has chosen which records are synced.',
  keptWhilePaused: 'Changes on both sides are kept and synced when an admin resumes.',
  hubspot_unavailable:
    'HubSpot returns errors or does not answer. Nothing is lost, and we try again by ourselves.',
  cannotRenew:
    'HubSpot could not renew our access just now. Nothing is lost, and we try again by ourselves.',
  importing: 'Records are imported from HubSpot for the first time.',
  looking: 'We are checking HubSpot for changes.',
  importInHubspot: 'A large import in HubSpot is being caught up.',
  importInHubspotOf: (done: string, total: string) =>
    `A large import in HubSpot is being caught up: ${done} of ${total} records so far.`,
  minutesLeft: (minutes: number) =>
    minutes === 1 ? 'About a minute is left.' : `About ${minutes} minutes are left.`,
  catchingUp: 'We are fetching what HubSpot told us has changed.',
  writing: 'Changes made here are being written to HubSpot.',
  comparing: 'Every record is being compared with HubSpot.',
  queued: 'A sync starts in a moment.',
  limits: {
    daily:
      'HubSpot’s daily limit of requests stopped the last sync. HubSpot counts anew at midnight in ' +
      'the account’s time zone.',
    search:
      'HubSpot’s limit of searches per second stopped the last sync. All apps of the account share it.',
    requests: 'HubSpot’s limit of requests in ten seconds stopped the last sync.',
    unnamed: 'HubSpot’s request limit stopped the last sync. It goes on when the limit allows.',
  },
  permissionsMissing:
    'Some permissions are missing: part of the sync does not work until an admin re-authorizes HubSpot.',
  lastRunFailed: 'The last sync stopped with an error. It continues from the same place.',
  recordsFailed: (count: number, shown: string) =>
    count === 1 ? 'One record could not be synced.' : `${shown} records could not be synced.`,
  recordsWait: (count: number, shown: string) =>
    count === 1
      ? 'One change waits to be written to HubSpot.'
      : `${shown} changes wait to be written to HubSpot.`,
  waitsForWriteBack: 'Turn write-back on to send what was changed here.',
  in_step: 'Everything is up to date.',
  moreThan: (limit: string) => `More than ${limit}`,
} as const
