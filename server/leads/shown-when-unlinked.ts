import type { ObjectId } from 'mongodb'
import type { Sync } from '#shared/contracts/leads'
import type { Collections } from '../database/collections'
import type { Made } from './create-once'
import { StaleRevision } from './errors'
import type { ListAnswer } from './list-answer'
import { partnerLink } from './partner-link-repository'

interface Shown {
  sync: Sync
}

/** What people do with records, each function answering records as they are shown. */
interface Records<
  T extends Shown,
  Q,
  C extends unknown[],
  O extends unknown[],
  P extends unknown[],
> {
  list(partnerId: ObjectId, query: Q): Promise<ListAnswer<T>>
  get(partnerId: ObjectId, id: string): Promise<T>
  create(partnerId: ObjectId, ...input: C): Promise<T>
  createOnce(partnerId: ObjectId, ...input: O): Promise<Made<T>>
  patch(partnerId: ObjectId, ...input: P): Promise<T>
}

/** Nothing is in sync with an account that is not there. */
export const unlinked = <T extends Shown>(record: T): T => ({
  ...record,
  sync: { ...record.sync, state: 'unlinked', error: null, outOfScope: undefined },
})

/** @returns the query as it is asked of what is stored; `null` when nothing can fit it */
export function queryUnlinked<Q extends object>(query: Q): Q | null {
  const { syncState, ...rest }: Q & { syncState?: unknown } = query
  return syncState === undefined || syncState === 'unlinked' ? (rest as Q) : null
}

/**
 * While HubSpot is disconnected, or its grant is lost, every record is shown as `unlinked`. What is
 * stored stays: it counts again once the account is back.
 */
export function createLinkState({ collections }: { collections: Pick<Collections, 'partners'> }) {
  const isLinked = async (partnerId: ObjectId) =>
    (await partnerLink(collections, partnerId)).isLinked

  async function shown<T extends Shown>(partnerId: ObjectId, answer: Promise<T>): Promise<T> {
    try {
      const [record, linked] = await Promise.all([answer, isLinked(partnerId)])
      return linked ? record : unlinked(record)
    } catch (error) {
      if (error instanceof StaleRevision && !(await isLinked(partnerId)))
        throw new StaleRevision(unlinked(error.current))
      throw error
    }
  }

  return function showWithLink<
    T extends Shown,
    Q extends object,
    C extends unknown[],
    O extends unknown[],
    P extends unknown[],
  >(records: Records<T, Q, C, O, P>): Records<T, Q, C, O, P> {
    return {
      async list(partnerId, query) {
        if (await isLinked(partnerId)) return await records.list(partnerId, query)
        const asked = queryUnlinked(query)
        if (asked === null) return { items: [], nextCursor: null, total: 0 }
        const answer = await records.list(partnerId, asked)
        return { ...answer, items: answer.items.map(unlinked) }
      },
      get: (partnerId, id) => shown(partnerId, records.get(partnerId, id)),
      create: (partnerId, ...input) => shown(partnerId, records.create(partnerId, ...input)),
      async createOnce(partnerId, ...input) {
        const { record, isRepeat } = await records.createOnce(partnerId, ...input)
        return { record: await shown(partnerId, Promise.resolve(record)), isRepeat }
      },
      patch: (partnerId, ...input) => shown(partnerId, records.patch(partnerId, ...input)),
    }
  }
}
