import { UndoAnswer, UndoBody } from '#shared/contracts/operations'
import { EntryParams } from '#shared/contracts/primitives'
import { answerUndo } from '../../../../../../http/answer-undo'
import { defineRoute } from '../../../../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    params: EntryParams,
    body: UndoBody,
    bodyOptional: true,
    response: UndoAnswer,
  },
  async ({ event, services, signedIn, params, body }) => {
    const request = { ...body, by: signedIn.user }
    return answerUndo(
      event,
      await services.operations.undoEntry(signedIn.partner.id, 'deal', params, request),
    )
  },
)
