import { getRequestHeader, type H3Event } from 'h3'
import { DomainError } from '../errors'

/**
 * Refuses what is no navigation of the browser's own: a prefetch, an image, a frame, a script's
 * fetch. It would use the single-use code up before the person arrives
 * (docs/security-checklist.md#a21). Requests of no browser carry none of these headers.
 * @throws {DomainError} `forbidden`, `method_not_allowed`
 */
export function assertNavigation(event: H3Event): void {
  if (event.method !== 'GET')
    throw new DomainError('method_not_allowed', "This address is opened by HubSpot's redirect.")
  const purpose = ['sec-purpose', 'purpose', 'x-moz']
    .map(name => getRequestHeader(event, name) ?? '')
    .join(' ')
  const fromBrowser = getRequestHeader(event, 'sec-fetch-site') !== undefined
  const navigates =
    getRequestHeader(event, 'sec-fetch-mode') === 'navigate' &&
    (getRequestHeader(event, 'sec-fetch-dest') ?? 'document') === 'document'
  if (/prefetch|prerender|preview/i.test(purpose) || (fromBrowser && !navigates))
    throw new DomainError('forbidden', "This address is opened by HubSpot's redirect.")
}
