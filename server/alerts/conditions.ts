import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { usableStatuses } from '../connection/integration'
import { syncRefusal } from '../connection/sync-refusal'
import type { PartnerAlertKind } from './kinds'

export interface Condition {
  partnerId: ObjectId
  kind: PartnerAlertKind
  message: string
}

/**
 * The kinds that are found by looking, and so end by themselves when a look no longer finds them.
 */
export const watchedKinds: readonly PartnerAlertKind[] = [
  'reauthorization_required',
  'sync_stale',
  'mapping_drift',
]

const drifts = {
  renamed: 'renamed',
  archived: 'archived',
  deleted: 'deleted',
  new: 'added',
} as const

export interface ConditionsDeps {
  collections: Collections
  clock: Clock
  syncIntervalSeconds: number
}

/**
 * Looks over all partners for what their admins have to be told. Each query is served by an index.
 */
export function createConditions({ collections, clock, syncIntervalSeconds }: ConditionsDeps) {
  async function revoked(): Promise<Condition[]> {
    const partners = await collections.partners
      .find(
        { 'hubspot_integration.status': 'revoked' },
        { projection: { 'hubspot_integration.reason': 1 } },
      )
      .toArray()
    return partners.map(({ _id, hubspot_integration }) => ({
      partnerId: _id,
      kind: 'reauthorization_required',
      message:
        hubspot_integration?.reason?.message ??
        'HubSpot no longer accepts the stored grant. Connect again to go on.',
    }))
  }

  /**
   * No sync succeeded for twice the interval. A pause is wanted, and a run that is getting on is
   * not stuck.
   */
  async function stale(): Promise<Condition[]> {
    const windowMs = 2 * syncIntervalSeconds * 1000
    const before = new Date(clock().getTime() - windowMs)
    const usable = { 'hubspot_integration.status': { $in: [...usableStatuses] } }
    const projection = {
      projection: {
        'hubspot_integration.status': 1,
        'hubspot_integration.portal_id': 1,
        'hubspot_integration.paused': 1,
        'hubspot_integration.last_synced_at': 1,
        'hubspot_integration.connected_at': 1,
      },
    }
    const [late, never] = await Promise.all([
      collections.partners
        .find({ ...usable, 'hubspot_integration.last_synced_at': { $lt: before } }, projection)
        .toArray(),
      collections.partners
        .find(
          {
            ...usable,
            'hubspot_integration.last_synced_at': null,
            'hubspot_integration.connected_at': { $lt: before },
          },
          projection,
        )
        .toArray(),
    ])
    const found: Condition[] = []
    for (const { _id, hubspot_integration: integration } of [...late, ...never]) {
      // A connection made again keeps the instant of its last sync: the clock starts again with it.
      if (
        !integration ||
        syncRefusal(integration) !== null ||
        (integration.connected_at && integration.connected_at >= before)
      )
        continue
      const run = await collections.syncRuns.findOne(
        { partner_id: _id, active: true },
        { projection: { updated_at: 1 } },
      )
      if (run && run.updated_at >= before) continue
      const minutes = Math.max(1, Math.round(windowMs / 60_000))
      found.push({
        partnerId: _id,
        kind: 'sync_stale',
        message:
          `No synchronization with HubSpot has succeeded for more than ${minutes} ` +
          `${minutes === 1 ? 'minute' : 'minutes'}. The activity page shows what went ` +
          'wrong; it is tried again by itself.',
      })
    }
    return found
  }

  async function drifted(): Promise<Condition[]> {
    const mappings = await collections.stageMappings
      .find(
        { 'drift.since': { $gt: new Date(0) } },
        { projection: { partner_id: 1, portal_id: 1, drift: 1, known_stages: 1 } },
      )
      .toArray()
    const found: Condition[] = []
    for (const { partner_id, portal_id, drift, known_stages } of mappings) {
      const partner = await collections.partners.findOne(
        { _id: partner_id },
        { projection: { 'hubspot_integration.portal_id': 1 } },
      )
      if (partner?.hubspot_integration?.portal_id !== portal_id) continue
      const words = drift.slice(0, 5).map(({ pipeline_id, stage_id, kind }) => {
        const label =
          known_stages.find(
            stage => stage.pipeline_id === pipeline_id && stage.stage_id === stage_id,
          )?.label ?? stage_id
        return `“${label}” was ${drifts[kind]}`
      })
      const more = drift.length > words.length ? ` and ${drift.length - words.length} more` : ''
      found.push({
        partnerId: partner_id,
        kind: 'mapping_drift',
        message:
          `Deal stages changed in HubSpot: ${words.join(', ')}${more}. Only these are ` +
          'paused; look at the mapping to go on.',
      })
    }
    return found
  }

  return {
    /** @returns what is the matter now, over all partners */
    async look(): Promise<Condition[]> {
      return (await Promise.all([revoked(), stale(), drifted()])).flat()
    },
  }
}
