import { randomBytes } from 'node:crypto'
import { ObjectId } from 'mongodb'
import {
  ServiceScope,
  type ServiceKey,
  type ServiceKeyBody,
  type ServiceKeyCreated,
  type ServiceKeyList,
} from '#shared/contracts/service-keys'
import type { Clock } from '../../config/clock'
import type { Actor, AuditLog } from '../../database/audit'
import type { ServiceKeyDocument } from '../../database/documents'
import { digestOf } from '../digest'
import { DomainError, NotFound, ValidationFailed } from '../../errors'
import { NotSignedIn } from '../errors'
import type { SignedIn } from '../sessions'
import { mostKeys, type ServiceKeysRepository } from './repository'

/** How every key begins; what scanners of leaked secrets look for */
export const keyMark = 'pck_'
const keyBytes = 32
const prefixLength = keyMark.length + 8
const keyShape = new RegExp(`^${keyMark}[\\w-]{43}$`)

export interface ServiceKeysDeps {
  repository: ServiceKeysRepository
  clock: Clock
  audit: AuditLog
}

/** Keys for partners' own programs: scoped, stored as a digest, revocable, shown once. */
export function createServiceKeys({ repository, clock, audit }: ServiceKeysDeps) {
  return {
    async list(partnerId: ObjectId): Promise<ServiceKeyList> {
      const items = (await repository.list(partnerId)).map(present)
      return { items, nextCursor: null, total: items.length }
    },

    /** @throws {ValidationFailed} it would be over already, or there are too many */
    async create(
      signedIn: SignedIn,
      { name, scopes, expiresAt }: ServiceKeyBody,
      actor: Actor,
    ): Promise<ServiceKeyCreated> {
      const now = clock()
      const until = expiresAt ? new Date(expiresAt) : null
      if (until && until <= now)
        throw new ValidationFailed([{ path: 'expiresAt', message: 'must be in the future' }])
      if ((await repository.count(signedIn.partner.id)) >= mostKeys)
        throw new ValidationFailed([
          { path: 'name', message: `would be one of more than ${mostKeys} keys: revoke one first` },
        ])
      const key = `${keyMark}${randomBytes(keyBytes).toString('base64url')}`
      const stored: ServiceKeyDocument = {
        _id: new ObjectId(),
        partner_id: signedIn.partner.id,
        name,
        key_hash: digestOf(key),
        prefix: key.slice(0, prefixLength),
        scopes,
        created_at: now,
        created_by: { user_id: signedIn.user.id, email: signedIn.user.email },
        expires_at: until,
        last_used_at: null,
        revoked_at: null,
      }
      await repository.insert(stored)
      await audit.record({
        partnerId: signedIn.partner.id,
        actor,
        action: 'service_key.created',
        target: stored._id.toHexString(),
        details: { prefix: stored.prefix, scopes: scopes.join(' ') },
      })
      return { ...present(stored), key }
    },

    /** @throws {NotFound} */
    async revoke(partnerId: ObjectId, id: string, actor: Actor): Promise<void> {
      const key = await repository.revoke(partnerId, new ObjectId(id), clock())
      if (!key) throw new NotFound('This key')
      await audit.record({
        partnerId,
        actor,
        action: 'service_key.revoked',
        target: id,
        details: { prefix: key.prefix },
      })
    },

    /**
     * @param scope what the route asks for; `null`: a route that no key opens
     * @returns the program, as a person is signed in
     * @throws {NotSignedIn} the key is unknown, revoked or over
     * @throws {DomainError} `forbidden`: not for this
     */
    async authenticate(key: string, scope: ServiceScope | null): Promise<SignedIn> {
      const stored = keyShape.test(key) ? await repository.byHash(digestOf(key)) : null
      const now = clock()
      const isLive =
        stored !== null &&
        stored.revoked_at === null &&
        (stored.expires_at === null || stored.expires_at > now)
      const partner = isLive ? await repository.partner(stored.partner_id) : null
      if (!isLive || !partner) throw new NotSignedIn()
      await repository.used(stored, now)
      if (scope === null || !stored.scopes.includes(scope))
        throw new DomainError(
          'forbidden',
          scope === null ? 'No service key opens this.' : `This service key lacks ${scope}.`,
        )
      return {
        sessionId: stored._id,
        user: { id: stored._id, email: `key: ${stored.name}`, role: 'admin' },
        partner: { id: partner._id, name: partner.name },
        provenAt: stored.created_at,
        isServiceKey: true,
      }
    },
  }
}
export type ServiceKeys = ReturnType<typeof createServiceKeys>

function present(key: ServiceKeyDocument): ServiceKey {
  return {
    id: key._id.toHexString(),
    name: key.name,
    scopes: key.scopes.filter(scope => ServiceScope.safeParse(scope).success) as ServiceScope[],
    createdAt: key.created_at.toISOString(),
    expiresAt: key.expires_at?.toISOString() ?? null,
    lastUsedAt: key.last_used_at?.toISOString() ?? null,
    prefix: key.prefix,
  }
}
