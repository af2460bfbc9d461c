import type { Operation, OperationResult } from '#shared/contracts/operations'
import type { OperationDocument, OperationResultDocument } from '../database/documents'

/** The contract's `Operation`. */
export function presentOperation(operation: OperationDocument): Operation {
  return {
    id: operation._id.toHexString(),
    kind: operation.task.kind,
    status: operation.status,
    counts: operation.counts,
    startedAt: operation.started_at?.toISOString() ?? null,
    finishedAt: operation.finished_at?.toISOString() ?? null,
    undoneBy: operation.undone_by?.toHexString() ?? null,
    by: operation.by && { email: operation.by.email },
    error: operation.error,
  }
}

export function presentResult(result: OperationResultDocument): OperationResult {
  return {
    id: result._id.toHexString(),
    object: result.object,
    recordId: result.record_id?.toHexString() ?? null,
    line: result.line,
    outcome: result.outcome,
    why: result.why,
  }
}
