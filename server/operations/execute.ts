import { randomUUID } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { OperationDocument } from '../database/documents'
import { isDatabaseUnavailable } from '../database/errors'
import { DomainError } from '../errors'
import type { Queue } from '../jobs/queue'
import { errorFields, type Log } from '../observability/log'
import { keepOperationLease } from './operation-lease'
import type { OperationHolder, OperationsRepository } from './repository'
import type { OperationOf, Runner, Step } from './step'

export interface Runners {
  bulk_edit: Runner<'bulk_edit'>
  undo: Runner<'undo'>
  import: Runner<'import'>
}

export interface ExecutorDeps {
  repository: OperationsRepository
  runners: Runners
  queue: Pick<Queue, 'add'>
  /** Told after each step that changed records: what is to reach HubSpot is written */
  onLocalChange: (partnerId: ObjectId) => Promise<void>
  /** Told of each operation that has ended */
  onEnded: (operation: OperationDocument) => Promise<void>
  /** How long a process may be silent before another one takes its operations over, ms */
  leaseMs: number
  log: Log
}

const failure = (error: unknown): Failure => ({
  code: error instanceof DomainError ? error.code : 'internal_error',
  message:
    error instanceof DomainError
      ? error.message
      : 'Something went wrong on our side. Start it again.',
  correlationId: null,
})

/**
 * Carries operations out, step by step. After a kill another process goes on at the last stored
 * step (docs/architecture.md#operations).
 */
export function createOperationExecutor({
  repository,
  runners,
  queue,
  onLocalChange,
  onEnded,
  leaseMs,
  log,
}: ExecutorDeps) {
  const owner = randomUUID()
  let isStopping = false
  const working = new Set<Promise<void>>()

  function stepOf(operation: OperationDocument): Promise<Step> {
    switch (operation.task.kind) {
      case 'bulk_edit':
        return runners.bulk_edit(operation as OperationOf<'bulk_edit'>)
      case 'undo':
        return runners.undo(operation as OperationOf<'undo'>)
      case 'import':
        return runners.import(operation as OperationOf<'import'>)
    }
  }

  /** What an operation needed is thrown away only by the process that ended it. */
  async function end(
    operation: OperationDocument,
    holder: OperationHolder,
    error: Failure | null,
  ): Promise<void> {
    if (await repository.finish(holder, error)) await onEnded(operation)
  }

  async function carryOut(operationId: ObjectId): Promise<void> {
    const claimed = isStopping ? null : await repository.claim(operationId, owner)
    if (!claimed) return
    const { holder } = claimed
    let { operation } = claimed
    const lease = keepOperationLease(repository, holder, leaseMs)
    try {
      for (;;) {
        if (isStopping) return await repository.release(holder)
        const step = await stepOf(operation)
        // Another process has it by now, and does this step again.
        if (!lease.isHeld()) return
        const count = (outcome: string) =>
          step.outcomes.filter(one => one.outcome === outcome).length
        await repository.addResults(operation, step.outcomes)
        const isOurs = await repository.save(holder, step.next, {
          done: step.done,
          failed: count('failed'),
          skipped: count('skipped'),
        })
        if (step.done > 0) await onLocalChange(operation.partner_id)
        if (!isOurs) return
        if (step.next === null) return await end(operation, holder, null)
        operation = { ...operation, cursor: step.next }
      }
    } catch (error) {
      log.error(
        {
          event: 'operation_failed',
          operationId: operationId.toHexString(),
          kind: operation.task.kind,
          ...errorFields(error),
        },
        'An operation ended before its end',
      )
      // Without the database nothing can be said of it: it is taken over once its lease runs out.
      if (isDatabaseUnavailable(error)) return
      await end(operation, holder, failure(error))
    } finally {
      lease.stop()
    }
  }

  async function execute(operationId: ObjectId): Promise<void> {
    const work = carryOut(operationId)
    working.add(work)
    try {
      await work
    } finally {
      working.delete(work)
    }
  }

  /** Has an operation worked off in the background, here or by another process. */
  async function start({
    _id,
    partner_id,
  }: Pick<OperationDocument, '_id' | 'partner_id'>): Promise<void> {
    await queue.add('operation', {
      operationId: _id.toHexString(),
      partnerId: partner_id.toHexString(),
    })
  }

  return {
    execute,
    start,

    /** Puts operations that nobody works on into the queue again, and forgets old ones. */
    async maintain(): Promise<void> {
      for (const operation of await repository.abandoned(100)) await start(operation)
      await repository.prune()
    },

    /** Stops after the steps that are under way, and hands the rest back. */
    async stop(): Promise<void> {
      isStopping = true
      await Promise.allSettled([...working])
    },
  }
}
export type OperationExecutor = ReturnType<typeof createOperationExecutor>
