import { ObjectId } from 'mongodb'
import { z } from 'zod'
import type { Collections } from '../../database/collections'
import { erasureKeyPlace, type Cipher } from '../../database/encryption'
import { createErasureListRepository } from './erasure-list-repository'
import type { Erasure } from './privacy-deletion'

const hexId = z.string().regex(/^[0-9a-f]{24}$/)

/**
 * Who was erased, to be kept outside of the backups: keyed hashes, and their key sealed under the
 * encryption keys. Names and ids of people are not in it.
 */
export const ErasureList = z.object({
  /** `null` while nobody was ever erased */
  key: z.string().nullable(),
  erased: z.array(z.object({ mark: z.string(), partnerId: hexId, at: z.iso.datetime() })),
})
export type ErasureList = z.infer<typeof ErasureList>

const batchSize = 100

export interface ErasureListDeps {
  collections: Collections
  cipher: Pick<Cipher, 'open'>
  erasure: Pick<Erasure, 'among' | 'erase'>
}

/** Carries erasures over a restore of an older backup (docs/operations.md#backup-and-restore). */
export function createErasureList({ collections, cipher, erasure }: ErasureListDeps) {
  const repository = createErasureListRepository(collections)

  /** Tombstones fit one key only. @throws when the database has another one than the list */
  async function adoptKey(sealed: string): Promise<void> {
    const stored = await repository.sealedKey()
    if (stored === null) return await repository.storeSealedKey(sealed)
    const open = (envelope: string) => cipher.open(envelope, erasureKeyPlace)
    if (open(stored) !== open(sealed))
      throw new Error('The list was made with another erasure key than the database has')
  }

  /** Erases what the restored database has of people on the list. @returns how many contacts */
  async function eraseAgain(partnerId: ObjectId): Promise<number> {
    let erased = 0
    const waiting = new Map<string, string[]>()
    const work = async (portalId: string, ids: string[]) => {
      const found = await erasure.among(partnerId, portalId, ids)
      await erasure.erase({ partnerId, portalId, contactIds: [...found] })
      erased += found.size
    }
    for await (const { portal_id: portalId, hubspot_id: id } of repository.linkedLeads(partnerId)) {
      if (portalId === null || id === null) continue
      const ids = [...(waiting.get(portalId) ?? []), id]
      waiting.set(portalId, ids.length < batchSize ? ids : [])
      if (ids.length === batchSize) await work(portalId, ids)
    }
    for (const [portalId, ids] of waiting) await work(portalId, ids)
    return erased
  }

  return {
    /** @returns the list as it stands */
    async save(): Promise<ErasureList> {
      const erased: ErasureList['erased'] = []
      for await (const one of repository.tombstones())
        erased.push({
          mark: one._id,
          partnerId: one.partner_id.toHexString(),
          at: one.at.toISOString(),
        })
      return { key: await repository.sealedKey(), erased }
    },

    /**
     * Takes a list into a restored database: who is on it is erased there, and stays so. Can be
     * repeated.
     * @returns how many contacts were erased
     * @throws when the list belongs to another installation
     */
    async apply({ key, erased }: ErasureList): Promise<number> {
      if (key === null) return 0
      await adoptKey(key)
      await repository.addTombstones(erased)
      let count = 0
      for (const partnerId of new Set(erased.map(one => one.partnerId)))
        count += await eraseAgain(new ObjectId(partnerId))
      return count
    },

    /** @returns how many records will be looked for in HubSpot before they are created there */
    markPossiblyCreated: repository.markPossiblyCreated,
  }
}
