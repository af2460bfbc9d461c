import { ObjectId } from 'mongodb'
import type {
  DealsBulk,
  ImportPreview,
  LeadsBulk,
  Operation,
  OperationResultList,
  OperationResultsQuery,
  OperationStarted,
  UndoPreview,
} from '#shared/contracts/operations'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { Cursors } from '../database/cursor'
import type { KindName, OperationDocument, OperationTask, UndoSource } from '../database/documents'
import { NotFound } from '../errors'
import type { Queue } from '../jobs/queue'
import { withInnerNames } from '../leads/choices'
import type { Deals } from '../leads/deals'
import type { Leads } from '../leads/leads'
import { createListRepository } from '../leads/list-repository'
import type { Log } from '../observability/log'
import type { Editor } from '../records/history'
import { kinds } from '../records/kinds'
import { createArchiveInHubspot, type ArchiveInHubspotDeps } from './archive-in-hubspot'
import { createBulkEdit } from './bulk-edit'
import { createOperationExecutor } from './execute'
import { presentOperation, presentResult } from './presenter'
import { createImport, type ImportDeps } from './import-leads'
import { createOperationsRepository } from './repository'
import { operationLeaseMs } from './operation-lease'
import { createRemove, type RemoveDeps } from './remove'
import { createUndo, type UndoDeps } from './undo'

export interface OperationsDeps extends ArchiveInHubspotDeps {
  collections: Collections
  records: { leads: Leads; deals: Deals }
  mapping: UndoDeps['mapping'] & ImportDeps['mapping']
  /** @returns the partner's run, or `null` */
  findRun(partnerId: ObjectId, runId: ObjectId): Promise<unknown>
  queue: Pick<Queue, 'add'>
  cursors: Cursors
  audit: RemoveDeps['audit']
  onLocalChange: (partnerId: ObjectId) => Promise<void>
  clock: Clock
  log: Log
  /** How long a process may be silent before another one takes its operations over, ms */
  leaseMs?: number
}

/** Changes of many records at once, in the background. */
export function createOperations(deps: OperationsDeps) {
  const { collections, cursors, clock, leaseMs = operationLeaseMs } = deps
  const repository = createOperationsRepository({ collections, clock, leaseMs })
  const lists = createListRepository(collections)
  const archiveInHubspot = createArchiveInHubspot(deps)
  const undo = createUndo({ ...deps, archiveInHubspot })
  const files = createImport(deps)
  const executor = createOperationExecutor({
    ...deps,
    repository,
    leaseMs,
    runners: { bulk_edit: createBulkEdit(deps), undo: undo.run, import: files.run },
    onEnded: async ({ _id, task }) => {
      if (task.kind === 'import') await files.forget(_id)
    },
  })

  async function start(
    partnerId: ObjectId,
    task: OperationTask,
    by: Editor | null,
    total: number,
  ): Promise<OperationDocument> {
    const operation = await repository.create(partnerId, {
      task,
      by: by && { user_id: by.id, email: by.email },
      total,
    })
    await executor.start(operation)
    return operation
  }

  async function found(partnerId: ObjectId, id: string): Promise<OperationDocument> {
    const operation = await repository.find(partnerId, new ObjectId(id))
    if (!operation) throw new NotFound('This operation')
    return operation
  }

  async function takeBack(
    partnerId: ObjectId,
    of: UndoSource,
    { dryRun, by }: UndoRequest,
  ): Promise<UndoPreview | OperationStarted> {
    if (dryRun) return await undo.preview(partnerId, of)
    const total = await undo.count(partnerId, of)
    const { _id } = await start(partnerId, { kind: 'undo', of }, by, total)
    return { operationId: _id.toHexString() }
  }

  return {
    /** Deletes one record, here only or in HubSpot as well. */
    remove: createRemove({ ...deps, archiveInHubspot }),
    execute: executor.execute,
    async maintain(): Promise<void> {
      await executor.maintain()
      await undo.prune()
      await files.prune()
    },
    stop: executor.stop,

    /** Starts the same change of many records. */
    async bulkEdit(
      partnerId: ObjectId,
      object: KindName,
      body: LeadsBulk | DealsBulk,
      by: Editor | null,
    ): Promise<OperationStarted> {
      // What no record could take is refused at once, not a hundred times in the background.
      await deps.records[kinds[object].collection].checkPatch(partnerId, body.patch)
      const which: BulkOf['which'] =
        'ids' in body
          ? { ids: [...new Set(body.ids)].map(id => new ObjectId(id)) }
          : {
              filter: await withInnerNames(
                { mapping: deps.mapping, lists },
                kinds[object],
                partnerId,
                filterOf(body.filter),
              ),
              until: endOfSecond(clock()),
            }
      const total =
        'ids' in which
          ? which.ids.length
          : await lists.count(kinds[object], partnerId, which.filter, which.until)
      const task = { kind: 'bulk_edit' as const, object, which, patch: body.patch }
      const { _id } = await start(partnerId, task, by, total)
      return { operationId: _id.toHexString() }
    },

    /**
     * Starts an import of leads from a CSV file, or says what it would do.
     * @throws {ValidationFailed} the file cannot be read
     */
    async importLeads(
      partnerId: ObjectId,
      bytes: Uint8Array,
      { dryRun, by }: UndoRequest,
    ): Promise<ImportPreview | OperationStarted> {
      if (dryRun) return await files.preview(partnerId, bytes)
      const id = new ObjectId()
      const { chunks, total, aboutColumns } = await files.store(partnerId, id, bytes)
      const operation = await repository.create(partnerId, {
        id,
        task: { kind: 'import', chunks },
        by: by && { user_id: by.id, email: by.email },
        total,
      })
      await repository.addResults(operation, aboutColumns)
      await executor.start(operation)
      return { operationId: id.toHexString() }
    },

    /** Takes an operation back, or says what that would change. @throws {NotFound} */
    async undo(
      partnerId: ObjectId,
      id: string,
      request: UndoRequest,
    ): Promise<UndoPreview | OperationStarted> {
      const { _id, task } = await found(partnerId, id)
      const answer = await takeBack(partnerId, { is: 'operation', cause: _id }, request)
      if ('operationId' in answer) {
        await repository.setUndoneBy(partnerId, _id, new ObjectId(answer.operationId))
        // What an undo took back stands again once that undo is taken back.
        if (task.kind === 'undo' && task.of.is === 'operation')
          await repository.setUndoneBy(partnerId, task.of.cause, null)
      }
      return answer
    },

    /** Takes back what a run changed. @throws {NotFound} */
    async undoRun(
      partnerId: ObjectId,
      id: string,
      request: UndoRequest,
    ): Promise<UndoPreview | OperationStarted> {
      const cause = new ObjectId(id)
      if (!(await deps.findRun(partnerId, cause))) throw new NotFound('This run')
      return await takeBack(partnerId, { is: 'run', cause }, request)
    },

    /** Takes one change of one record back. @throws {NotFound} */
    async undoEntry(
      partnerId: ObjectId,
      object: KindName,
      { id, entryId }: { id: string; entryId: string },
      request: UndoRequest,
    ): Promise<UndoPreview | OperationStarted> {
      const of = {
        is: 'entry' as const,
        object,
        recordId: new ObjectId(id),
        entryId: new ObjectId(entryId),
      }
      await undo.assertEntry(of, partnerId)
      return await takeBack(partnerId, of, request)
    },

    /** @throws {NotFound} also for another partner's */
    async get(partnerId: ObjectId, id: string): Promise<Operation> {
      return presentOperation(await found(partnerId, id))
    },

    /** The records that an operation left as they were. @throws {NotFound} */
    async results(
      partnerId: ObjectId,
      id: string,
      { limit, cursor, outcome }: OperationResultsQuery,
    ): Promise<OperationResultList> {
      const { _id } = await found(partnerId, id)
      const scope = { partnerId, list: 'operation-results', query: { id, outcome } }
      const after = cursor === undefined ? undefined : cursors.decode(scope, cursor).id
      const { items, total } = await repository.results(partnerId, _id, {
        outcome,
        after,
        limit: limit + 1,
      })
      const last = items.length > limit ? items[limit - 1] : undefined
      return {
        items: items.slice(0, limit).map(presentResult),
        nextCursor: last ? cursors.encode(scope, { id: last._id }) : null,
        total,
      }
    },
  }
}
/** @param dryRun only says what would change */
export interface UndoRequest {
  dryRun?: boolean | undefined
  by: Editor | null
}

type BulkOf = Extract<OperationTask, { kind: 'bulk_edit' }>

export type Operations = ReturnType<typeof createOperations>

/** A list's query without its order, which does not matter here. */
function filterOf({
  sort,
  ...filter
}: Record<string, string | number | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  )
}

/** No record that exists now has a later id than this one. */
function endOfSecond(now: Date): ObjectId {
  return ObjectId.createFromTime(Math.floor(now.getTime() / 1000) + 1)
}
