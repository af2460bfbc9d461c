import { defineEventHandler, sendRedirect, setResponseHeader } from 'h3'
import { methodsOf } from '../http/policy'

/**
 * A page asked for with a `code` or `state` of OAuth's in its address is asked for again without
 * them: they belong to the callback alone, and would stay in the address bar and in the page's own
 * data.
 */
export default defineEventHandler(async event => {
  const [path = '', query = ''] = event.path.split(/\?(.*)/s)
  if (event.method !== 'GET' && event.method !== 'HEAD') return
  const rest = new URLSearchParams(query)
  if (!rest.has('code') && !rest.has('state')) return
  if (/^\/(api|v1|_)/.test(path) || methodsOf(path).length > 0) return
  rest.delete('code')
  rest.delete('state')
  const page = /^(\/[\w-]+)+$/.test(path) ? path : '/'
  setResponseHeader(event, 'Cache-Control', 'no-store')
  await sendRedirect(event, rest.size > 0 ? `${page}?${rest.toString()}` : page, 302)
})
