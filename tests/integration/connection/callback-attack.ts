import type { ObjectId } from 'mongodb'
import type { Browser, ConnectionApp } from '../../support/connection'
import { tokenPath } from '../../support/scripted-hubspot'

const closedList =
  /^\/settings\/hubspot\?error=(access_denied|provider_error|missing_code|invalid_state|token_exchange_failed|insufficient_scope|portal_in_use|portal_changed|not_signed_in|forbidden)$/

/**
 * What an attack achieved, or an answer said that it should not; `[]` when it was turned away as it
 * has to be.
 */
export async function achievedBy(
  browser: Browser,
  query: string,
  expected: string,
  {
    headers = {},
    on,
    calls: before,
    victim,
  }: {
    headers?: Record<string, string>
    on: ConnectionApp
    /** Token calls before it */
    calls: number
    victim: ObjectId
  },
): Promise<string[]> {
  const answer = await browser.request('GET', `${on.base}/callback${query}`, { headers })
  const achieved: string[] = []
  if (answer.status !== 302) achieved.push(`the status ${answer.status}`)
  if (
    !closedList.test(answer.location ?? '') ||
    answer.location !== `/settings/hubspot?error=${expected}`
  )
    achieved.push(`a redirect to ${answer.location}`)
  if (answer.text !== '') achieved.push('a body')
  if (answer.headers.get('referrer-policy') !== 'no-referrer') achieved.push('a referrer')
  if (on.hubspot.count(tokenPath) !== before) achieved.push('a token call')
  if ((await on.integration(victim)) !== null) achieved.push('a connection')
  return achieved
}
