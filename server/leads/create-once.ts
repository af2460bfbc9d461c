import { createHash } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import { DomainError, NotFound, ValidationFailed } from '../errors'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { KindName } from '../database/documents'
import { createIdempotencyRepository } from './idempotency-repository'

/** A record that a request made, now or when it was sent before. */
export interface Made<T> {
  record: T
  /** The request was sent before, and this is what it made */
  isRepeat: boolean
}

export interface CreateOnce<T> {
  partnerId: ObjectId
  kind: KindName
  /** The header `Idempotency-Key` as it came in; `undefined`: none */
  key: string | undefined
  /** The body, checked */
  body: unknown
  /** Stores the record under this id; `null`: one of its own */
  store(id: ObjectId | null): Promise<T>
  /** @returns the stored record. @throws {NotFound} */
  read(id: ObjectId): Promise<T>
}

/** Makes records once, however often the same request is sent. */
export function createOnce(collections: Pick<Collections, 'idempotencyKeys'>, clock: Clock) {
  const keys = createIdempotencyRepository(collections, clock)

  /**
   * @throws {ValidationFailed} the key is none
   * @throws {DomainError} `idempotency_key_reused` the key came with another body before
   * @throws what `store` and `read` throw
   */
  return async function once<T>(input: CreateOnce<T>): Promise<Made<T>> {
    const { partnerId, kind, key, body, store, read } = input
    if (key === undefined) return { record: await store(null), isRepeat: false }
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(key))
      throw new ValidationFailed([
        { path: 'Idempotency-Key', message: 'is 1 to 64 letters, digits, hyphens or underscores' },
      ])
    const bodyHash = createHash('sha256')
      .update(canonical([kind, body]))
      .digest('hex')
    const { claim, isFirst } = await keys.claim(partnerId, key, bodyHash)
    if (claim.body_hash !== bodyHash)
      throw new DomainError(
        'idempotency_key_reused',
        'This Idempotency-Key was sent before with another body. Use a new key for a new record.',
      )
    if (claim.is_done) return { record: await read(claim.record_id), isRepeat: true }
    const earlier = isFirst ? null : await read(claim.record_id).catch(whereMissing)
    if (earlier !== null) return { record: earlier, isRepeat: true }
    try {
      const record = await store(claim.record_id)
      await keys.done(claim)
      return { record, isRepeat: false }
    } catch (error) {
      // The same request, sent twice at once: the other one stored the record.
      const stored = await read(claim.record_id).catch(whereMissing)
      if (stored !== null) return { record: stored, isRepeat: true }
      if (isFirst && error instanceof DomainError) await keys.release(claim)
      throw error
    }
  }
}

function whereMissing(error: unknown): null {
  if (error instanceof NotFound) return null
  throw error
}

/** The same text for the same content, whatever the order of its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  )
}
