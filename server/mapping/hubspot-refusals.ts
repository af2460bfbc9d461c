import { DomainError, NotFound } from '../errors'
import { HubspotError } from '../hubspot/errors'

const retrySeconds = 30

/**
 * Asks HubSpot on behalf of somebody who waits for the answer, and says in the contract's codes
 * what stood in the way.
 * @throws {DomainError} `hubspot_unavailable`, `hubspot_rate_limited`,
 *   `hubspot_reauthorization_required`, `not_found`; other errors as they are
 */
export async function askHubspot<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof HubspotError)) throw error
    const retryAfterSeconds = error.retryAfterMs === null ? retrySeconds : error.retryAfterMs / 1000
    switch (error.kind) {
      case 'rate_limited':
        throw new DomainError(
          'hubspot_rate_limited',
          'HubSpot asked us to slow down. Try again in a moment.',
          { cause: error, retryAfterSeconds },
        )
      case 'revoked':
      case 'unauthorized':
        throw new DomainError(
          'hubspot_reauthorization_required',
          'HubSpot no longer accepts this connection. An admin can connect it again.',
          { cause: error },
        )
      case 'forbidden':
        throw new DomainError(
          'hubspot_reauthorization_required',
          'HubSpot did not allow this: a permission is missing. An admin can connect again and grant it.',
          { cause: error },
        )
      case 'not_found':
        throw new NotFound('This HubSpot record')
      case 'transient':
      case 'conflict':
      case 'rejected':
      case 'config':
        throw new DomainError(
          'hubspot_unavailable',
          'HubSpot cannot be reached at the moment. Try again shortly.',
          { cause: error, retryAfterSeconds },
        )
    }
  }
}
