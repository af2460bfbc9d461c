import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { LeadDocument, LeadValues } from '../database/documents'
import { changesBetween } from '../records/changes'
import { kinds } from '../records/kinds'
import { restoredRecord } from '../records/restored-record'
import { addAliases } from '../records/repository/aliases'
import { wakeDeals } from '../records/repository/associations'
import { editRecord } from '../records/repository/edit'
import { isParted } from '../records/sync-state'
import type { EditBy } from './deps'
import { EmailTaken } from './errors'
import type { LeadsRepository } from './repository'

export interface TakeUpDeps {
  collections: Collections
  repository: Pick<LeadsRepository, 'partedOfEmail'>
  clock: Clock
}

/**
 * A new lead with the address of one whose contact is gone: that one is taken up again, with its
 * history and its deals. What is not given stays as it was.
 */
export function createTakeUp({ collections, repository, clock }: TakeUpDeps) {
  /**
   * @param id leads to the lead from now on; `null`: none was answered
   * @returns `null` where no such lead is here
   * @throws {EmailTaken} another request was faster
   */
  return async function takeUp(
    partnerId: ObjectId,
    values: Partial<LeadValues>,
    { by = null, cause, id }: EditBy & { id: ObjectId | null },
  ): Promise<LeadDocument | null> {
    const email = values.email ?? null
    const parted = email === null ? null : await repository.partedOfEmail(partnerId, email)
    if (parted === null) return null
    const given = Object.fromEntries(
      Object.entries(values).flatMap(([field, value]) => (value == null ? [] : [[field, value]])),
    ) as Record<string, string>
    const now = clock()
    let isTaken = false
    const stored = await editRecord(collections, kinds.lead, partnerId, parted, current => {
      isTaken = isParted(current) && current.values.email === email
      if (!isTaken) return null
      const edited: LeadDocument = {
        ...current,
        values: { ...current.values, ...given },
        changed_at: {
          ...current.changed_at,
          ...Object.fromEntries(Object.keys(given).map(field => [field, now])),
        },
      }
      const fields = changesBetween(current, edited)
      return restoredRecord(kinds.lead, edited, { now, by, cause, fields })
    })
    if (!isTaken) throw new EmailTaken()
    if (id) await addAliases(collections, { partnerId, kind: 'lead', now }, [id], stored._id)
    await wakeDeals(collections, partnerId, [stored._id])
    return stored
  }
}
