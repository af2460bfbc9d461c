import { NotFound } from '../errors'
import { defineRoute } from './define-route'

/** What no other handler took: the contract's 404 instead of a page. */
export const answerUnknown = defineRoute({ role: 'probe' }, () => {
  throw new NotFound()
})
