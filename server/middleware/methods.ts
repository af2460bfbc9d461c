import { defineEventHandler, setResponseHeader } from 'h3'
import { DomainError } from '../errors'
import { methodsOf } from '../http/policy'

/**
 * A known path asked with a method it does not take is the contract's 405: the router would hand it
 * to the pages. Decides nothing about who may.
 */
export default defineEventHandler(event => {
  const methods = methodsOf(event.path.split('?')[0] ?? '')
  if (methods.length === 0 || methods.includes(event.method)) return
  setResponseHeader(event, 'Allow', methods.join(', '))
  throw new DomainError('method_not_allowed', 'This method is not allowed here.')
})
