import { setResponseStatus, type H3Event } from 'h3'
import type { OperationStarted, UndoPreview } from '#shared/contracts/operations'

/** 200 with what would change, or 202 with the operation that changes it. */
export function answerUndo(
  event: H3Event,
  answer: UndoPreview | OperationStarted,
): UndoPreview | OperationStarted {
  setResponseStatus(event, 'operationId' in answer ? 202 : 200)
  return answer
}
