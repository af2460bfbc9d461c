import { ObjectId } from 'mongodb'
import type { UndoPreview } from '#shared/contracts/operations'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { isDuplicateKey } from '../database/duplicate-key'
import type {
  AnyRecord,
  DeletedRecordDocument,
  OperationDocument,
  UndoSource,
} from '../database/documents'
import { NotFound } from '../errors'
import type { Deals } from '../leads/deals'
import { StaleRevision } from '../leads/errors'
import type { Leads } from '../leads/leads'
import { remember } from '../records/history'
import { kinds, type RecordKind } from '../records/kinds'
import type { FieldRules } from '../records/merge-field'
import type { MappedRules } from '../records/outbox'
import { patchOf, planUndo, planUndoImport, type UndoPlan } from '../records/plan-undo'
import { findByIds } from '../records/repository/by-ids'
import { createDismissed } from '../records/repository/dismissed'
import { editRecord } from '../records/repository/edit'
import { linkedAgain, restoredRecord } from '../records/restored-record'
import { archivedInHubspot, withState } from '../records/sync-state'
import type { ArchiveInHubspot } from './archive-in-hubspot'
import type { Outcome } from './repository'
import { editorOf, isDoneBy, stepSize, whyRefused, type OperationOf, type Runner } from './step'
import { createUndoItems, type Item, type Place } from './undo-items'
import { createUndoRepository } from './undo-repository'

export interface UndoDeps {
  collections: Collections
  records: { leads: Leads; deals: Deals }
  mapping: Pick<MappedRules, 'fieldsFor'>
  archiveInHubspot: ArchiveInHubspot
  clock: Clock
}

const maxShown = 1000
const maxTries = 5

/** Takes changes back, here and, by the usual way of an edit, in HubSpot. */
export function createUndo({ collections, records, mapping, archiveInHubspot, clock }: UndoDeps) {
  const repository = createUndoRepository(collections)
  const dismissed = createDismissed({ collections, clock })
  const { first, itemsOf, pagesOf } = createUndoItems({ collections, repository })

  function planOf(
    record: AnyRecord,
    kind: RecordKind,
    { of, rules }: { of: UndoSource; rules: FieldRules },
  ): UndoPlan {
    if (of.is === 'run' && record.imported_by?.equals(of.cause)) return planUndoImport(record)
    const entries = (record.history ?? []).filter(entry =>
      of.is === 'entry' ? entry._id.equals(of.entryId) : entry.cause?.equals(of.cause),
    )
    return planUndo(record, entries, rules[kind.name])
  }

  const kindOf = (item: Item, { object }: Place, of: UndoSource) =>
    kinds[of.is === 'entry' ? of.object : 'removed' in item ? item.removed.object : object]

  /** Deletes a record here only: HubSpot's stays, and is not stored here again. */
  async function dismiss(
    operation: OperationDocument,
    kind: RecordKind,
    record: AnyRecord,
  ): Promise<void> {
    await repository.keep(kind, record, operation, true)
    await dismissed.add(kind, record)
    await repository.remove(kind, record, clock())
  }

  /** Puts a record back that what is undone removed. */
  async function putBack(
    operation: OperationDocument,
    kind: RecordKind,
    { document, dismissed: isDismissed }: DeletedRecordDocument,
  ): Promise<void> {
    const when = { now: clock(), ...editorOf(operation) }
    if (!isDismissed) return await repository.putBack(kind, restoredRecord(kind, document, when))
    await repository.putBack(kind, linkedAgain(document, when))
    await dismissed.end(kind, document)
  }

  /** Makes one plan true. @throws {DomainError} when HubSpot or the record refuses it */
  async function apply(
    operation: OperationDocument,
    kind: RecordKind,
    record: AnyRecord,
    plan: UndoPlan,
  ): Promise<void> {
    const { partner_id: partnerId } = operation
    switch (plan.action) {
      case 'none':
        return
      case 'edit': {
        const id = record._id.toHexString()
        const patch = { ...patchOf(kind, plan), revision: record.revision }
        const outlet = records[kind.collection]
        await outlet.edit(partnerId, id, patch, editorOf(operation))
        return
      }
      case 'remove':
        // What HubSpot's side brought is not ours to archive there.
        if (record.imported_by) return await dismiss(operation, kind, record)
        await repository.keep(kind, record, operation)
        await archiveInHubspot(kind, record)
        await repository.remove(kind, record, clock())
        return
      case 'archive':
        await archiveInHubspot(kind, record)
        await editRecord(collections, kind, partnerId, record._id, current =>
          remember(
            withState({ ...current, archived_at: clock(), updated_at: clock() }, archivedInHubspot),
            [{ at: clock(), side: 'ours', kind: 'archived', ...editorOf(operation) }],
          ),
        )
        return
      case 'dismiss':
        return await dismiss(operation, kind, record)
      case 'recreate':
        await editRecord(collections, kind, partnerId, record._id, current =>
          restoredRecord(kind, current, { now: clock(), ...editorOf(operation) }),
        )
    }
  }

  async function undoOne(
    operation: OperationOf<'undo'>,
    item: Item,
    { kind, rules }: { kind: RecordKind; rules: FieldRules },
  ): Promise<{ isDone: boolean; outcomes: Outcome[] }> {
    const { of } = operation.task
    const recordId = 'record' in item ? item.record._id : item.removed.record_id
    const left = (outcome: Outcome['outcome'], why: string): Outcome => ({
      object: kind.name,
      recordId,
      outcome,
      why,
    })
    try {
      if ('removed' in item) {
        await putBack(operation, kind, item.removed)
        return { isDone: true, outcomes: [] }
      }
      for (let record: AnyRecord | undefined = item.record, attempt = 1; record; attempt++) {
        // Done before a kill.
        if (isDoneBy(operation, record)) return { isDone: true, outcomes: [] }
        const plan = planOf(record, kind, { of, rules })
        try {
          await apply(operation, kind, record, plan)
          const why = plan.skipped.join(' ')
          if (plan.action !== 'none') return { isDone: true, outcomes: [] }
          return { isDone: false, outcomes: [left('skipped', why || 'It is as it was before.')] }
        } catch (error) {
          if (!(error instanceof StaleRevision) || attempt >= maxTries) throw error
          const found = await findByIds(collections, kind, operation.partner_id, [recordId])
          record = found.get(recordId.toHexString())
        }
      }
      return { isDone: false, outcomes: [left('skipped', 'It does not exist any more.')] }
    } catch (error) {
      if (isDuplicateKey(error))
        return {
          isDone: false,
          outcomes: [left('skipped', 'A record with its id or e-mail address is there again.')],
        }
      return { isDone: false, outcomes: [left('failed', whyRefused(error))] }
    }
  }

  const run: Runner<'undo'> = async operation => {
    const { partner_id: partnerId, cursor } = operation
    const { of } = operation.task
    const place: Place = cursor
      ? {
          object: cursor.object === 'deal' ? 'deal' : 'lead',
          after: typeof cursor.after === 'string' ? new ObjectId(cursor.after) : null,
        }
      : first
    const [{ items, next }, rules] = await Promise.all([
      itemsOf(partnerId, of, place),
      mapping.fieldsFor(partnerId),
    ])
    // What this operation removed before a kill is not among the records any more.
    const gone =
      of.is === 'entry'
        ? []
        : await repository.removedBy(place.object, partnerId, operation._id, {
            after: place.after,
            limit: stepSize,
          })
    const isGone = (id: ObjectId) => gone.some(one => one.record_id.equals(id))
    let done = gone.filter(
      one => !items.some(item => 'record' in item && item.record._id.equals(one.record_id)),
    ).length
    const outcomes: Outcome[] = []
    for (const item of items) {
      if ('removed' in item && isGone(item.removed.record_id)) continue
      const result = await undoOne(operation, item, { kind: kindOf(item, place, of), rules })
      if (result.isDone) done += 1
      outcomes.push(...result.outcomes)
    }
    return {
      next: next && { object: next.object, after: next.after?.toHexString() ?? null },
      done,
      outcomes,
    }
  }

  return {
    run,
    prune: () => repository.prune(clock()),

    /** What an undo would do. Nothing is changed. @throws {NotFound} no such entry */
    async preview(partnerId: ObjectId, of: UndoSource): Promise<UndoPreview> {
      const preview: UndoPreview = { changes: [], skipped: [], total: 0 }
      const rules = await mapping.fieldsFor(partnerId)
      for await (const { items, place } of pagesOf(partnerId, of)) {
        for (const item of items) {
          const kind: RecordKind = kindOf(item, place, of)
          const document = 'record' in item ? item.record : item.removed.document
          const about = {
            object: kind.name,
            id: document._id.toHexString(),
            name: kind.nameOf(document),
          }
          const plan: Pick<UndoPlan, 'changes' | 'skipped'> =
            'record' in item
              ? planOf(item.record, kind, { of, rules })
              : { changes: [{ field: 'record', now: null, after: 'exists' }], skipped: [] }
          preview.total += plan.changes.length
          for (const change of plan.changes)
            if (preview.changes.length < maxShown) preview.changes.push({ ...about, ...change })
          for (const why of plan.skipped)
            if (preview.skipped.length < maxShown) preview.skipped.push({ ...about, why })
        }
      }
      return preview
    },

    /** @throws {NotFound} the record or this entry of its history does not exist */
    async assertEntry(
      of: Extract<UndoSource, { is: 'entry' }>,
      partnerId: ObjectId,
    ): Promise<void> {
      const found = await findByIds(collections, kinds[of.object], partnerId, [of.recordId])
      const record = found.get(of.recordId.toHexString())
      if (!record) throw new NotFound(kinds[of.object].title)
      if (!record.history?.some(entry => entry._id.equals(of.entryId)))
        throw new NotFound('This change')
    },

    /** How many records an undo will look at. */
    async count(partnerId: ObjectId, of: UndoSource): Promise<number> {
      if (of.is === 'entry') return 1
      let total = 0
      for await (const { items } of pagesOf(partnerId, of)) total += items.length
      return total
    },
  }
}
export type Undo = ReturnType<typeof createUndo>
