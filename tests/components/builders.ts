import type { Connection } from '#shared/contracts/connection'
import type { Preview } from '#shared/contracts/insight'
import type { Deal, Lead } from '#shared/contracts/leads'
import type { Run, RunResult } from '#shared/contracts/runs'
import { texts } from '#shared/texts/en'
import { chosenColumns } from '../../utils/list-columns'

const id = (n: number) => n.toString(16).padStart(24, '0')

export function aRun(change: Partial<Run> = {}): Run {
  return {
    id: id(1),
    kind: 'initial',
    status: 'running',
    trigger: 'connect',
    startedAt: '2026-11-24T10:00:00.000Z',
    finishedAt: null,
    counts: { seen: 500, created: 400, updated: 60, unchanged: 40, failed: 0, writtenBack: 0 },
    total: 2000,
    ratePerSecond: 100,
    error: null,
    phase: 'contacts',
    identical: null,
    ...change,
  }
}

export function aConnection(change: Partial<Connection> = {}): Connection {
  return {
    status: 'connected',
    portalId: '148211903',
    account: {
      domain: 'northwind.example.com',
      uiDomain: 'app-eu1.hubspot.com',
      hublet: 'eu1',
      type: 'STANDARD',
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
    },
    connectedAt: '2026-11-20T10:00:00.000Z',
    connectedBy: { id: id(2), email: 'ada@example.com' },
    lastSyncedAt: '2026-11-24T09:55:00.000Z',
    nextSyncAt: null,
    scopes: [],
    missingScopes: [],
    expiresAt: null,
    reason: null,
    writeBack: false,
    paused: false,
    pausedBy: null,
    pausedAt: null,
    pauseReason: null,
    waitsForScope: false,
    summary: {
      state: 'in_step',
      message: texts.summary.in_step,
      since: '2026-11-24T09:55:00.000Z',
      nextTryAt: null,
    },
    currentRun: null,
    pendingPortal: null,
    ...change,
  }
}

export function aPreview(change: Partial<Preview['contacts']> = {}): Preview {
  const counts = { link: 0, create: 0, update: 0, unchanged: 0, skip: 0, conflict: 0 }
  const none = { inbound: counts, outbound: counts, samples: [], examined: 0, complete: true }
  return { contacts: { ...none, ...change }, deals: none }
}

export function aLead(change: Partial<Lead> = {}): Lead {
  return {
    id: id(3),
    hubspotId: '501',
    email: 'ada@example.com',
    firstName: 'Ada',
    lastName: 'Lovelace',
    phone: null,
    company: 'Engines',
    jobTitle: null,
    lifecycleStage: null,
    hubspotOwnerId: null,
    fields: {},
    sync: { state: 'in_sync', lastInAt: null, lastOutAt: null, error: null },
    createdAt: '2026-11-20T10:00:00.000Z',
    updatedAt: '2026-11-20T10:00:00.000Z',
    revision: 1,
    ...change,
  }
}

export function aDeal(change: Partial<Deal> = {}): Deal {
  return {
    id: id(5),
    hubspotId: '9',
    leadIds: [],
    name: 'Big',
    amount: '1200.50',
    currency: 'EUR',
    stage: null,
    hubspotPipelineId: null,
    hubspotStageId: null,
    closeDate: null,
    hubspotOwnerId: null,
    fields: {},
    sync: { state: 'in_sync', lastInAt: null, lastOutAt: null, error: null },
    createdAt: '2026-11-20T10:00:00.000Z',
    updatedAt: '2026-11-20T10:00:00.000Z',
    revision: 1,
    ...change,
  }
}

export function aResult(change: Partial<RunResult> = {}): RunResult {
  return {
    id: id(7),
    object: 'lead',
    direction: 'in',
    outcome: 'updated',
    recordId: id(3),
    hubspotId: '501',
    name: 'Ada Lovelace',
    fields: ['phone'],
    reason: null,
    error: null,
    at: '2026-11-24T10:00:00.000Z',
    retry: null,
    ...change,
  }
}

/** What a table of leads or deals is given, with the usual columns. */
export function aTable(
  object: 'lead' | 'deal',
  records: (Lead | Deal)[],
  change: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    object,
    records,
    columns: chosenColumns(object, [], null),
    sort: '-updatedAt',
    saving: new Set(),
    chosen: new Set(),
    account: { uiDomain: 'app.hubspot.com', portalId: '1' },
    ...change,
  }
}
