import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { syncRefusal } from '../connection/sync-refusal'
import { createConditionsRepository } from './conditions-repository'
import { fieldTroubles } from '../mapping/field-checks'
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
  read_only: 'made read-only',
} as const

export interface ConditionsDeps {
  collections: Collections
  clock: Clock
  syncIntervalSeconds: number
}

/**
 * Looks over all partners for what their admins have to be told.
 */
export function createConditions({ collections, clock, syncIntervalSeconds }: ConditionsDeps) {
  const stored = createConditionsRepository(collections)

  async function revoked(): Promise<Condition[]> {
    const partners = await stored.revoked()
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
    const found: Condition[] = []
    for (const { _id, hubspot_integration: integration } of await stored.syncedBefore(before)) {
      // A connection made again keeps the instant of its last sync: the clock starts again with it.
      if (
        !integration ||
        syncRefusal(integration) !== null ||
        (integration.connected_at && integration.connected_at >= before)
      )
        continue
      const activeSince = await stored.activeSince(_id)
      if (activeSince && activeSince >= before) continue
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

  /** By partner: one notice says what is the matter with stages and with fields. */
  async function drifted(): Promise<Condition[]> {
    const found = [...(await driftedStages()), ...(await pausedFields())]
    return found.reduce<Condition[]>((joined, one) => {
      const same = joined.find(other => other.partnerId.equals(one.partnerId))
      if (same) same.message += ` ${one.message}`
      else joined.push({ ...one })
      return joined
    }, [])
  }

  async function pausedFields(): Promise<Condition[]> {
    const found: Condition[] = []
    for (const { partner_id, seen } of await stored.pausedFields()) {
      if (!seen || (await stored.portalOf(partner_id)) !== seen.portal_id) continue
      const words = seen.drift
        .slice(0, 5)
        .map(one => `“${one.property}” ${fieldTroubles[one.kind]}`)
      const more =
        seen.drift.length > words.length ? ` and ${seen.drift.length - words.length} more` : ''
      found.push({
        partnerId: partner_id,
        kind: 'mapping_drift',
        message:
          `Mapped HubSpot properties changed: ${words.join(', ')}${more}. Only these fields are ` +
          'paused; they go on by themselves when that is undone.',
      })
    }
    return found
  }

  async function driftedStages(): Promise<Condition[]> {
    const found: Condition[] = []
    for (const { partner_id, portal_id, drift, known_stages } of await stored.drifted()) {
      if ((await stored.portalOf(partner_id)) !== portal_id) continue
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
