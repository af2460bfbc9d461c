import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument, SyncRunDocument } from '../../database/documents'
import type { CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { FieldRules } from '../../records/merge-field'
import type { StageRules } from '../../records/merge-stage'
import { kindOfType } from '../../records/kinds'
import { findLinked } from '../../records/repository/linked'
import { pageOfLiveIds } from '../../records/repository/sweeps'
import { isParted } from '../../records/sync-state'
import { fromHubspot, sameValue } from '../../records/values'
import type { Inbound } from '../inbound/apply'
import type { FieldRule } from '../../records/merge-field'
import type { Pull } from './by-ids'
import type { SyncCursors } from './cursors-repository'
import type { RunContext } from '../runs/context'

export interface ReconcileDeps {
  collections: Collections
  cursors: Pick<SyncCursors, 'setReconciled'>
  inbound: Inbound
  mapping: {
    propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]>
    fieldsFor(partnerId: ObjectId): Promise<FieldRules>
    zoneFor(partnerId: ObjectId): Promise<string>
    stagesFor(partnerId: ObjectId, portalId: string): Promise<StageRules>
  }
  pull: Pull
  drainInbox(ctx: RunContext): Promise<unknown>
  drainOutbox(ctx: RunContext): Promise<unknown>
}

type Identical = NonNullable<SyncRunDocument['identical']>
type AnyRecord = LeadDocument | DealDocument

interface State extends Record<string, unknown> {
  step: 'contacts' | 'deals' | 'gone_contacts' | 'gone_deals' | 'write_back' | 'done'
  after: string | null
  identical: Identical
  /** The account's time zone when the comparison began; absent from checkpoints of old versions */
  zone?: string
}

const following: Record<State['step'], State['step']> = {
  contacts: 'deals',
  deals: 'gone_contacts',
  gone_contacts: 'gone_deals',
  gone_deals: 'write_back',
  write_back: 'done',
  done: 'done',
}

/**
 * Whether a linked record says what HubSpot says. A local change that waits to be written is not a
 * difference: it is known and on its way.
 * @param incoming HubSpot's record
 * @param leads our leads by HubSpot contact id, for a deal's contacts
 */
export function isIdentical(
  record: AnyRecord,
  incoming: CrmObject,
  rules: readonly FieldRule[],
  stages: StageRules,
  leads: ReadonlyMap<string, ObjectId>,
): boolean {
  if (isParted(record) || record.dirty) return record.dirty
  const values: Record<string, string | null> = { ...record.values }
  const fieldsMatch = rules.every(rule => {
    const remote = fromHubspot(rule, incoming.properties[rule.property] ?? null)
    // Fields that only go out are decided here; values we cannot parse are ignored.
    return (
      remote === undefined ||
      rule.direction === 'out' ||
      rule.paused !== undefined ||
      sameValue(rule, values[rule.field] ?? null, remote)
    )
  })
  if (!fieldsMatch || !('lead_ids' in record)) return fieldsMatch
  const stage = stages.toOurs(
    incoming.properties.pipeline ?? null,
    incoming.properties.dealstage ?? null,
  )
  const contacts = incoming.associations?.contacts
  return (
    (stage === undefined || stage === null || stage === record.stage) &&
    record.hubspot_stage_id === (incoming.properties.dealstage ?? null) &&
    (contacts === undefined ||
      (sameSet(contacts, record.hubspot_contact_ids) &&
        (record.associations_dirty ||
          sameSet(
            contacts.flatMap(id => leads.get(id)?.toHexString() ?? []),
            record.lead_ids.map(String),
          ))))
  )
}

function sameSet(some: readonly string[], others: readonly string[]): boolean {
  return [...some].sort().join() === [...others].sort().join()
}

/**
 * The full compare: every record of HubSpot's against ours, page by page, repaired where they
 * differ; then ours that no page had.
 */
export function createReconcile({
  collections,
  cursors,
  inbound,
  mapping,
  pull,
  drainInbox,
  drainOutbox,
}: ReconcileDeps) {
  async function comparePage(
    ctx: RunContext,
    type: ObjectType,
    page: CrmObject[],
    identical: Identical,
  ): Promise<void> {
    const { partnerId, portalId } = ctx
    const [rules, stages, leads, stored] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
      inbound.leadsOf(
        ctx,
        page.flatMap(record => record.associations?.contacts ?? []),
      ),
      findLinked(
        collections,
        kindOfType(type),
        ctx,
        page.map(record => record.id),
      ),
    ])
    const byId = new Map(stored.map(record => [record.hubspot_id, record]))
    for (const record of page) {
      const ours = byId.get(record.id)
      // What is outside of what is synced is not compared.
      if (!ours || ours.sync.scope) continue
      identical.compared += 1
      if (isIdentical(ours, record, type === 'contacts' ? rules.lead : rules.deal, stages, leads))
        identical.identical += 1
      else identical.repaired += 1
    }
  }

  async function comparePages(ctx: RunContext, state: State, type: ObjectType): Promise<void> {
    const properties = await mapping.propertiesToRead(ctx.partnerId, type)
    for (;;) {
      ctx.signal.throwIfAborted()
      const { results, after } = await ctx.crm.listPage(type, {
        properties,
        ...(state.after === null ? {} : { after: state.after }),
      })
      const records = type === 'deals' ? await pull.withContacts(ctx, results) : results
      await comparePage(ctx, type, records, state.identical)
      const page = `reconcile:${type}:${state.after ?? ''}`
      const counts = await pull.storePage(ctx, { type, records, page, leave: 'archived' })
      const isLast = after === null || after === state.after
      state.after = isLast ? null : after
      if (isLast) state.step = following[state.step]
      await ctx.save({ phase: type, counts, checkpoint: { ...state }, identical: state.identical })
      if (isLast) return
    }
  }

  /**
   * Records of ours that count as linked though no page of HubSpot's had them: looked at one by
   * one, and archived if they are gone.
   */
  async function compareGone(ctx: RunContext, state: State, type: ObjectType): Promise<void> {
    for (;;) {
      ctx.signal.throwIfAborted()
      const ids = await pageOfLiveIds(collections, kindOfType(type), ctx, {
        after: state.after,
        limit: 100,
      })
      // Presence is all that is asked here; values were compared above.
      const { missing } =
        ids.length === 0 ? { missing: [] } : await ctx.crm.batchRead(type, ids, ['hs_object_id'])
      const { missing: gone } = await pull.pull(ctx, type, missing, {
        label: `gone:${state.after ?? ''}`,
      })
      state.identical.compared += gone.length
      state.identical.repaired += gone.length
      state.after = ids.at(-1) ?? null
      const isLast = ids.length < 100
      if (isLast) Object.assign(state, { after: null, step: following[state.step] })
      await ctx.save({ checkpoint: { ...state }, identical: state.identical })
      if (isLast) return
    }
  }

  return {
    /** Compares all linked records, repairs what differs and says how many were identical. */
    async run(ctx: RunContext): Promise<void> {
      const state: State = ctx.checkpoint<State>() ?? {
        step: 'contacts',
        after: null,
        identical: { compared: 0, identical: 0, repaired: 0 },
        zone: await mapping.zoneFor(ctx.partnerId),
      }
      if (state.step === 'contacts' && state.after === null) await drainInbox(ctx)
      if (state.step === 'contacts') await comparePages(ctx, state, 'contacts')
      if (state.step === 'deals') await comparePages(ctx, state, 'deals')
      if (state.step === 'gone_contacts') await compareGone(ctx, state, 'contacts')
      if (state.step === 'gone_deals') await compareGone(ctx, state, 'deals')
      if (state.step === 'write_back') await drainOutbox(ctx)
      await cursors.setReconciled(ctx, state.zone ?? 'UTC')
      await ctx.save({ checkpoint: { ...state, step: 'done' }, identical: state.identical })
    },
  }
}
export type Reconcile = ReturnType<typeof createReconcile>
