import { setResponseHeader } from 'h3'
import { policy } from '../policy'
import { DomainError, NotFound } from '../errors'
import { defineRoute } from './define-route'

/** @returns the methods that a path takes, none when there is no such path */
function methodsOf(path: string): string[] {
  const parts = path.replace(/^\/api(?=\/)/, '').split('/')
  return policy.filter((route) => {
    const pattern = route.path.replace(/^\/api(?=\/)/, '').split('/')
    return pattern.length === parts.length && pattern.every((part, index) => part === parts[index] || (part.startsWith(':') && parts[index] !== ''))
  }).map(route => route.method)
}

/** What no other handler took: the contract's 404 or 405 instead of a page. */
export const answerUnknown = defineRoute({ role: 'probe' }, ({ event }) => {
  const methods = methodsOf(event.path.split('?')[0] ?? '')
  if (methods.length === 0) throw new NotFound()
  setResponseHeader(event, 'Allow', [...new Set(methods)].join(', '))
  throw new DomainError('method_not_allowed', 'This method is not allowed here.')
})
