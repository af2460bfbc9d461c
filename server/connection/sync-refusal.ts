import { connectedPortalOf } from '../database/connected-portal'
import type { Integration } from './integration'

/** Why a partner may not sync now */
export type SyncRefusal = 'not_connected' | 'reauthorization_required' | 'paused'

/** @returns why this partner may not sync now; `null` when it may */
export function syncRefusal(
  integration: Pick<Integration, 'status' | 'portal_id' | 'paused'> | null | undefined,
): SyncRefusal | null {
  if (!integration || !connectedPortalOf(integration)) return 'not_connected'
  if (integration.status === 'revoked') return 'reauthorization_required'
  return integration.paused ? 'paused' : null
}
