import { setTimeout as wait } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { DocumentOf, KindName } from '../../database/documents'
import { DomainError, NotFound } from '../../errors'
import { recordsOf, type RecordKind } from '../kinds'
import { survivorOf } from './aliases'

const maxTries = 40
/** Writers that meet wait a little, each for another time, so that they do not meet again, ms */
const longestWaitMs = 25

/**
 * Changes one record by reading it, working out the next one and writing that only if nobody wrote
 * in between; else again.
 * An id whose record went into another one leads there.
 * @param next the record to store (version still the read one), or `null` when nothing is to be
 *   changed; what it throws ends the edit
 * @returns the record as it now stands
 * @throws {NotFound} no such record of this partner
 * @throws {DomainError} `stale_revision` when others write without end
 */
export async function editRecord<K extends KindName>(
  collections: Pick<Collections, 'leads' | 'deals' | 'recordAliases'>,
  kind: RecordKind<K>,
  partnerId: ObjectId,
  id: ObjectId,
  next: (current: DocumentOf<K>) => Promise<DocumentOf<K> | null> | DocumentOf<K> | null,
): Promise<DocumentOf<K>> {
  const records = recordsOf(collections, kind)
  let recordId = id
  for (let attempt = 1; ; attempt++) {
    const current = await records.findOne<DocumentOf<K>>({ _id: recordId, partner_id: partnerId })
    if (!current) {
      const survivor = await survivorOf(collections, partnerId, recordId)
      if (!survivor || attempt >= maxTries) throw new NotFound('This record')
      recordId = survivor
      continue
    }
    const wanted = await next(current)
    if (!wanted) return current
    const written: DocumentOf<K> = { ...wanted, version: current.version + 1 }
    const { matchedCount } = await records.replaceOne(
      { _id: recordId, partner_id: partnerId, version: current.version },
      written,
    )
    if (matchedCount === 1) return written
    if (attempt >= maxTries)
      throw new DomainError(
        'stale_revision',
        'Others keep changing this record. Try again in a moment.',
        { retryAfterSeconds: 1 },
      )
    await wait(Math.random() * longestWaitMs)
  }
}
