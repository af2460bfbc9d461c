import { z } from 'zod'
import { Id, Instant } from './primitives'

/** What a key may be used for. */
export const serviceScopes = ['token:read', 'leads:read', 'leads:write', 'sync:start'] as const
export const ServiceScope = z.enum(serviceScopes)
export type ServiceScope = z.infer<typeof ServiceScope>

/** A key by which a partner's own program calls the API. The key itself is shown once. */
export const ServiceKey = z.object({
  id: Id,
  name: z.string(),
  scopes: z.array(ServiceScope),
  createdAt: Instant,
  /** `null`: until it is revoked */
  expiresAt: Instant.nullable(),
  /** To the minute */
  lastUsedAt: Instant.nullable(),
  /** How the key begins, so that it can be told from others */
  prefix: z.string(),
})
export type ServiceKey = z.infer<typeof ServiceKey>

export const ServiceKeyList = z.object({
  items: z.array(ServiceKey),
  nextCursor: z.null(),
  total: z.number().int(),
})
export type ServiceKeyList = z.infer<typeof ServiceKeyList>

export const ServiceKeyBody = z.strictObject({
  name: z.string().trim().min(1).max(60),
  scopes: z
    .array(ServiceScope)
    .min(1)
    .max(serviceScopes.length)
    .transform(scopes => [...new Set(scopes)]),
  expiresAt: Instant.nullish(),
})
export type ServiceKeyBody = z.infer<typeof ServiceKeyBody>

export const ServiceKeyCreated = ServiceKey.extend({ key: z.string() })
export type ServiceKeyCreated = z.infer<typeof ServiceKeyCreated>
