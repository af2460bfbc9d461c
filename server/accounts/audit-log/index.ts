import { ObjectId } from 'mongodb'
import type { AuditEntry, AuditList, AuditQuery } from '#shared/contracts/audit'
import type { Clock } from '../../config/clock'
import type { Cursors } from '../../database/cursor'
import type { AuditDocument } from '../../database/documents'
import type { AuditFilter, AuditRepository } from './repository'

const dayMs = 24 * 60 * 60 * 1000
/** Lines that one look of the maintenance forgets at most */
const mostForgotten = 5000

export interface AuditListDeps {
  repository: AuditRepository
  cursors: Cursors
  clock: Clock
  /** How long lines are kept */
  retentionDays: number
}

/** What a partner's admins read of the audit log. */
export function createAuditList({ repository, cursors, clock, retentionDays }: AuditListDeps) {
  return {
    async list(partnerId: ObjectId, query: AuditQuery): Promise<AuditList> {
      const { limit, cursor, ...filter } = query
      const scope = { partnerId, list: 'audit', query: filter }
      const after = cursor === undefined ? null : cursors.decode(scope, cursor).id
      const found = await repository.page(partnerId, filterOf(query), after, limit)
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      return {
        items: shown.map(present),
        nextCursor: last && found.length > limit ? cursors.encode(scope, { id: last._id }) : null,
        // Counting would read a log that may be long.
        total: null,
      }
    },

    /** All lines that the filter lets through, newest first. */
    async *all(partnerId: ObjectId, query: AuditQuery): AsyncGenerator<AuditEntry, void> {
      for await (const line of repository.all(partnerId, filterOf(query))) yield present(line)
    },

    /** Forgets what is older than the operator wants it kept. */
    async prune(): Promise<void> {
      const before = new Date(clock().getTime() - retentionDays * dayMs)
      await repository.forgetBefore(before, mostForgotten)
    },
  }
}
export type AuditLogList = ReturnType<typeof createAuditList>

function filterOf({ actor, action, from, to }: AuditQuery): AuditFilter {
  return {
    ...(actor === undefined
      ? {}
      : /^[0-9a-f]{24}$/.test(actor)
        ? { actorId: new ObjectId(actor) }
        : { actorEmail: actor.trim().toLowerCase() }),
    action,
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { before: endOf(to) }),
  }
}

/** A day ends with its last millisecond, an instant is counted itself. */
function endOf(moment: string): Date {
  const at = new Date(moment).getTime()
  return new Date(moment.length === 10 ? at + dayMs : at + 1)
}

function present(line: AuditDocument): AuditEntry {
  const { kind, user_id, email } = line.actor
  return {
    id: line._id.toHexString(),
    at: line.at.toISOString(),
    actor:
      kind === 'user' || kind === 'service_key'
        ? { id: user_id?.toHexString() ?? null, email }
        : null,
    action: line.action,
    outcome: line.outcome,
    target: line.target ?? null,
    address: line.address ?? null,
    details: line.details,
  }
}
