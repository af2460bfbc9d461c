import type { Document } from 'mongodb'

/**
 * The end of a lease that nobody holds. The lease stays in its document, so that its fence goes on
 * growing.
 */
export const leaseReleased = new Date(0)

/** Who holds a lease at present. */
export interface LeaseHolder {
  owner: string
  /** Grows with each holder: a process that was frozen finds its number outdated */
  fence: number
}

/**
 * A lease with a fence, by the database's clock: filters and update stages for a document that
 * holds one. Updates are aggregation pipelines.
 * @param path of the lease in its document; `null` where the document itself is the lease
 * @param lastsMs how long the holder may be silent before another one takes the lease over
 */
export function leaseAt(path: string | null, lastsMs: number) {
  const field = (name: string) => (path === null ? name : `${path}.${name}`)
  const end = { $add: ['$$NOW', lastsMs] }

  return {
    /** Nobody holds it. One that was never taken has no end, which sorts before every date. */
    isFree: { $expr: { $lt: [`$${field('until')}`, '$$NOW'] } },

    /** Fields for `$set`: the lease becomes this owner's, and its fence grows. */
    takenBy: (owner: string): Document => ({
      [field('owner')]: { $literal: owner },
      [field('fence')]: { $add: [{ $ifNull: [`$${field('fence')}`, 0] }, 1] },
      [field('until')]: end,
    }),

    /** It is still this holder's, be it past its end: nobody else has taken it. */
    heldBy: ({ owner, fence }: LeaseHolder) => ({
      [field('owner')]: owner,
      [field('fence')]: fence,
    }),

    /** It has not come to its end. */
    isRunning: { $expr: { $gt: [`$${field('until')}`, '$$NOW'] } },

    /** Fields for `$set`: it lasts another `lastsMs` from now. */
    prolonged: { [field('until')]: end },

    /** Fields for `$set`: whoever wants it next may have it at once. */
    released: { [field('until')]: leaseReleased },
  }
}
