import type { Filter, ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { AuditDocument } from '../../database/documents'

export interface AuditFilter {
  /** By id or by e-mail address, whichever is given */
  actorId?: ObjectId
  actorEmail?: string
  action?: string
  from?: Date
  /** Not counted itself */
  before?: Date
}

/** Every MongoDB operator that reads or forgets audit lines. */
export function createAuditRepository({ auditLog }: Pick<Collections, 'auditLog'>) {
  function filterOf(
    partnerId: ObjectId,
    { actorId, actorEmail, action, from, before }: AuditFilter,
    olderThan: ObjectId | null,
  ): Filter<AuditDocument> {
    return {
      partner_id: partnerId,
      ...(actorId ? { 'actor.user_id': actorId } : {}),
      ...(actorEmail === undefined ? {} : { 'actor.email': actorEmail }),
      ...(action === undefined ? {} : { action }),
      ...(from || before
        ? { at: { ...(from ? { $gte: from } : {}), ...(before ? { $lt: before } : {}) } }
        : {}),
      ...(olderThan ? { _id: { $lt: olderThan } } : {}),
    }
  }

  return {
    /** Lines, newest first, and one more than asked for. */
    page: (
      partnerId: ObjectId,
      filter: AuditFilter,
      olderThan: ObjectId | null,
      limit: number,
    ): Promise<AuditDocument[]> =>
      auditLog
        .find(filterOf(partnerId, filter, olderThan))
        .sort({ _id: -1 })
        .limit(limit + 1)
        .toArray(),

    /** All lines of a filter, newest first. */
    all: (partnerId: ObjectId, filter: AuditFilter): AsyncIterable<AuditDocument> =>
      auditLog.find(filterOf(partnerId, filter, null)).sort({ _id: -1 }),

    /** Forgets lines of before that instant, some at a time. @returns how many */
    async forgetBefore(before: Date, most: number): Promise<number> {
      const old = await auditLog
        .find({ at: { $lt: before } }, { projection: { _id: 1 } })
        .sort({ at: 1 })
        .limit(most)
        .toArray()
      if (old.length === 0) return 0
      const { deletedCount } = await auditLog.deleteMany({
        _id: { $in: old.map(({ _id }) => _id) },
      })
      return deletedCount
    },
  }
}
export type AuditRepository = ReturnType<typeof createAuditRepository>
