import { ObjectId } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { connectionStates } from '#shared/contracts/connection'
import { requiredScopes } from '#shared/hubspot/scopes'
import { texts } from '#shared/texts/en'
import type { Integration } from '../../server/connection/integration'
import { countedUpTo, summaryOf, type SummaryFacts } from '../../server/connection/summary'

const words = texts.summary
const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 12, minute))

function anIntegration(change: Partial<Integration> = {}): Integration {
  return {
    access_token: 'sealed',
    refresh_token: 'sealed',
    expires_at: at(30),
    expires_in: 1800,
    connected_at: at(0),
    last_synced_at: at(5),
    scopes: [...requiredScopes],
    status: 'connected',
    portal_id: '42',
    last_portal_id: '42',
    account: null,
    connected_by: null,
    token_version: 1,
    refresh_lease: null,
    refresh_failures: 0,
    retry_refresh_at: null,
    reason: null,
    write_back: true,
    paused: false,
    next_sync_at: at(10),
    pending_grant: null,
    remote_cleanup: null,
    ...change,
  }
}

const outage = { since: at(3), next_try_at: at(7) }
const connections: Record<string, { integration: Integration | null; isConnecting?: boolean }> = {
  'not connected': { integration: null },
  connecting: { integration: null, isConnecting: true },
  connected: { integration: anIntegration() },
  degraded: {
    integration: anIntegration({
      status: 'degraded',
      reason: { code: 'hubspot_unavailable', message: '', at: at(2) },
      retry_refresh_at: at(8),
    }),
  },
  'HubSpot answers 5xx': { integration: anIntegration({ outage }) },
  revoked: {
    integration: anIntegration({
      status: 'revoked',
      reason: { code: 'grant_revoked', message: '', at: at(1) },
      next_sync_at: null,
    }),
  },
  disconnected: {
    integration: anIntegration({
      status: 'disconnected',
      portal_id: null,
      scopes: [],
      next_sync_at: null,
      disconnected_at: at(4),
    }),
  },
  paused: {
    integration: anIntegration({
      paused: true,
      paused_by: { user_id: new ObjectId(), email: 'ada@example.com' },
      paused_at: at(6),
      pause_reason: 'Moving offices',
    }),
  },
  'records not chosen': {
    integration: anIntegration({
      paused: true,
      paused_at: at(6),
      waits_for_scope: true,
      last_synced_at: null,
    }),
  },
  'account changed': { integration: anIntegration({ last_synced_at: null, write_back: false }) },
}

const run = { status: 'running', trigger: 'schedule', startedAt: at(9).toISOString() } as const
const activities: Record<
  string,
  { currentRun: SummaryFacts['currentRun']; last_failure?: Integration['last_failure'] }
> = {
  idle: { currentRun: null },
  importing: { currentRun: { ...run, kind: 'initial', phase: 'contacts' } },
  looking: { currentRun: { ...run, kind: 'incremental', phase: 'contacts' } },
  writing: { currentRun: { ...run, kind: 'incremental', phase: 'write_back' } },
  comparing: { currentRun: { ...run, kind: 'reconcile', phase: 'contacts' } },
  'failed last time': { currentRun: null, last_failure: { code: 'hubspot_rejected', at: at(8) } },
}
const records = {
  waiting: { waiting: 3, failed: 0 },
  failed: { waiting: 0, failed: 2 },
  none: { waiting: 0, failed: 0 },
}

const combinations = Object.keys(connections).flatMap(connection =>
  Object.keys(activities).flatMap(activity =>
    (Object.keys(records) as (keyof typeof records)[]).map(
      record => [connection, activity, record] as const,
    ),
  ),
)

function summaryFor([connection, activity, record]: (typeof combinations)[number]) {
  const { integration = null, isConnecting = false } = connections[connection] ?? {}
  const { currentRun = null, last_failure = null } = activities[activity] ?? {}
  return summaryOf({
    integration: integration && { ...integration, last_failure },
    isConnecting,
    currentRun,
    ...records[record],
  })
}

describe('the state of a connection in words', () => {
  test.each(combinations)('%s, %s, %s: nothing said is untrue', (...combination) => {
    const [connection, activity, record] = combination
    const { state, message, since, nextTryAt } = summaryFor(combination)
    expect(connectionStates).toContain(state)
    expect(message).toMatch(/^[A-Z0-9a].*\.$/)

    const isUp = connection === 'connected' || connection === 'account changed'
    const isAway = connection === 'degraded' || connection === 'HubSpot answers 5xx'
    // "Everything is up to date" only when there is nothing at all to say against it.
    const isInStep = connection === 'connected' && activity === 'idle' && record === 'none'
    expect(state === 'in_step').toBe(isInStep)
    expect(message.includes(words.in_step)).toBe(isInStep)
    // An import is called one only while one is under way.
    expect(state === 'importing').toBe(isUp && activity === 'importing')
    expect(message.includes(words.importing)).toBe(isUp && activity === 'importing')
    expect(state === 'hubspot_unavailable').toBe(isAway)
    if (isAway) {
      expect(since).not.toBeNull()
      expect(nextTryAt).not.toBeNull()
      expect(message).toContain('try again')
    }
    expect(['connecting', 'not_connected', 'disconnected', 'revoked', 'paused']).toContain(
      isUp || isAway ? 'connecting' : state,
    )
    // What waits and what failed is said wherever the account is ours.
    const isOwned = !['not connected', 'connecting', 'disconnected'].includes(connection)
    expect(message.includes(words.recordsWait(3, '3'))).toBe(isOwned && record === 'waiting')
    expect(message.includes(words.recordsFailed(2, '2'))).toBe(isOwned && record === 'failed')
    if (isUp && record === 'failed' && activity !== 'importing') expect(state).toBe('failing')
    if (isUp && activity === 'failed last time') expect(state).toBe('failing')
    expect(message.includes(words.comparing)).toBe(isUp && activity === 'comparing')
    expect(message.includes(words.writing)).toBe(isUp && activity === 'writing')
    expect(message.includes(words.looking)).toBe(isUp && activity === 'looking')
  })

  test('every state of the contract is reached', () => {
    const reached = new Set(combinations.map(combination => summaryFor(combination).state))
    expect([...reached].sort()).toEqual([...connectionStates].sort())
  })

  test('says that nothing is read until the records are chosen', () => {
    expect(summaryFor(['records not chosen', 'idle', 'none'])).toMatchObject({
      state: 'paused',
      message: words.waitsForScope,
      since: at(6).toISOString(),
    })
  })

  test('says who paused it, when and why', () => {
    expect(summaryFor(['paused', 'idle', 'none'])).toMatchObject({
      state: 'paused',
      message: expect.stringContaining(
        'ada@example.com paused syncing. Reason: Moving offices. Changes on both sides',
      ) as string,
      since: at(6).toISOString(),
    })
  })

  test('says since when HubSpot is away and when it is tried next', () => {
    expect(summaryFor(['HubSpot answers 5xx', 'idle', 'none'])).toMatchObject({
      since: at(3).toISOString(),
      nextTryAt: at(7).toISOString(),
    })
    expect(summaryFor(['degraded', 'idle', 'none'])).toMatchObject({
      since: at(2).toISOString(),
      nextTryAt: at(8).toISOString(),
    })
  })

  test('what waits while write-back is off needs it turned on, and no time is promised', () => {
    const facts = { isConnecting: false, currentRun: null, waiting: 1, failed: 0 }
    const summary = summaryOf({ ...facts, integration: anIntegration({ write_back: false }) })
    expect(summary.state).toBe('waiting')
    expect(summary.message).toBe(`${words.recordsWait(1, '1')} ${words.waitsForWriteBack}`)
    expect(summary.nextTryAt).toBeNull()
  })

  test("a missing permission and HubSpot's limit are named as what stops the sync", () => {
    const facts = { isConnecting: false, currentRun: null, waiting: 0, failed: 0 }
    expect(
      summaryOf({ ...facts, integration: anIntegration({ scopes: ['oauth'] }) }),
    ).toMatchObject({ state: 'failing', message: words.permissionsMissing })
    const last_failure = { code: 'hubspot_rate_limited', at: at(8) }
    expect(summaryOf({ ...facts, integration: anIntegration({ last_failure }) })).toMatchObject({
      state: 'failing',
      message: words.limits.unnamed,
      since: at(8).toISOString(),
    })
    for (const limit of ['daily', 'search', 'requests'] as const)
      expect(
        summaryOf({
          ...facts,
          integration: anIntegration({ last_failure: { ...last_failure, limit } }),
        }).message,
      ).toBe(words.limits[limit])
  })

  test('a large import in HubSpot is named while it is caught up, with count and time left', () => {
    const facts = { isConnecting: false, waiting: 0, failed: 0, integration: anIntegration() }
    const run = {
      kind: 'webhook' as const,
      status: 'running' as const,
      phase: 'hubspot_import' as const,
      trigger: 'webhook' as const,
      startedAt: at(8).toISOString(),
    }
    const none = { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 }
    const said = (more: object) => summaryOf({ ...facts, currentRun: { ...run, ...more } }).message
    expect(said({})).toBe(words.importInHubspot)
    expect(said({ counts: { ...none, seen: 5000 }, total: 41_000, ratePerSecond: 100 })).toBe(
      'A large import in HubSpot is being caught up: 5,000 of 41,000 records so far. ' +
        'About 6 minutes are left.',
    )
    expect(
      said({ counts: { ...none, seen: 40_990 }, total: 41_000, ratePerSecond: 100 }),
    ).toContain(words.minutesLeft(1))
  })

  test('what was not counted to its end is called "more than"', () => {
    const facts = { isConnecting: false, currentRun: null, failed: 0 }
    const integration = anIntegration()
    expect(summaryOf({ ...facts, integration, waiting: countedUpTo + 1 }).message).toContain(
      'More than 10,000 changes wait',
    )
  })
})
