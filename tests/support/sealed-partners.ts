import { randomBytes } from 'node:crypto'
import { ObjectId } from 'mongodb'
import type { EncryptionKey } from '../../server/config/configuration'
import { createCipher } from '../../server/database/encryption'
import { requiredScopes } from '#shared/hubspot/scopes'
import type { ConnectionApp } from './connection'

export const [k1, k2] = ['k1', 'k2'].map((id): EncryptionKey => ({
  id,
  secret: randomBytes(32),
})) as [EncryptionKey, EncryptionKey]
/** What a sealed field of a partner holds */
export const secretOf = (id: ObjectId, field: string) => `${field}-of-${id.toHexString()}`

/**
 * Instead of whatever was there: partners whose tokens are sealed under `k1`, every tenth with one
 * value more.
 */
export async function populate(app: ConnectionApp, count: number): Promise<ObjectId[]> {
  const { partners, meta } = app.services.database.collections
  await partners.deleteMany({})
  await meta.deleteMany({ _id: /^key_canary/ })
  const cipher = createCipher([k1])
  const ids = Array.from({ length: count }, () => new ObjectId())
  if (count === 0) return ids
  await partners.insertMany(
    ids.map((_id, index) => {
      const seal = (field: string) =>
        cipher.seal(secretOf(_id, field), { partnerId: _id.toHexString(), field })
      return {
        _id,
        schema_version: 1 as const,
        name: `P${_id.toHexString()}`,
        created_at: new Date(),
        hubspot_integration: {
          access_token: seal('access_token'),
          refresh_token: seal('refresh_token'),
          expires_at: new Date(),
          expires_in: 1800,
          connected_at: new Date(),
          last_synced_at: null,
          scopes: [],
          status: 'connected' as const,
          portal_id: String(900_000 + index),
          last_portal_id: null,
          account: null,
          connected_by: null,
          token_version: 1,
          refresh_lease: null,
          refresh_failures: 0,
          retry_refresh_at: null,
          reason: null,
          write_back: false,
          paused: false,
          next_sync_at: null,
          pending_grant: null,
          remote_cleanup:
            index % 10 === 0
              ? {
                  portal_id: '1',
                  access_token: null,
                  refresh_token: seal('remote_cleanup.refresh_token'),
                  attempts: 0,
                  next_try_at: new Date(),
                  until: new Date(),
                }
              : null,
        },
      }
    }),
  )
  return ids
}

/**
 * Beside what is there: connected partners whose tokens the scripted HubSpot knows, without anybody
 * signing in. @param options.expired whether their access tokens have run out
 */
export async function grantedPartners(
  { services, hubspot }: Pick<ConnectionApp, 'services' | 'hubspot'>,
  count: number,
  { firstPortal, expired }: { firstPortal: number; expired: (index: number) => boolean },
): Promise<ObjectId[]> {
  const ids = Array.from({ length: count }, () => new ObjectId())
  const now = Date.now()
  await services.database.collections.partners.insertMany(
    ids.map((_id, index) => {
      const seal = (field: 'access_token' | 'refresh_token') =>
        services.cipher.seal(secretOf(_id, field), { partnerId: _id.toHexString(), field })
      hubspot.refreshTokens.set(secretOf(_id, 'refresh_token'), {
        portalId: firstPortal + index,
        scopes: [...requiredScopes],
      })
      if (!expired(index))
        hubspot.accessTokens.set(secretOf(_id, 'access_token'), firstPortal + index)
      return {
        _id,
        schema_version: 1 as const,
        name: `P${_id.toHexString()}`,
        created_at: new Date(),
        hubspot_integration: {
          access_token: seal('access_token'),
          refresh_token: seal('refresh_token'),
          expires_at: new Date(expired(index) ? now - 1000 : now + 1_800_000),
          expires_in: 1800,
          connected_at: new Date(),
          last_synced_at: null,
          scopes: [...requiredScopes],
          status: 'connected' as const,
          portal_id: String(firstPortal + index),
          last_portal_id: String(firstPortal + index),
          account: {
            ui_domain: 'app.hubspot.com',
            hublet: 'na1',
            type: 'STANDARD',
            currency: 'USD',
            time_zone: 'US/Eastern',
            read_at: new Date(now),
          },
          connected_by: null,
          token_version: 1,
          refresh_lease: null,
          refresh_failures: 0,
          retry_refresh_at: null,
          reason: null,
          write_back: false,
          paused: false,
          next_sync_at: null,
          pending_grant: null,
          remote_cleanup: null,
        },
      }
    }),
  )
  return ids
}
