import { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from './collections'
import type { AuditDocument } from './documents'

/** Where a request came from */
export interface RequestOrigin {
  address: string | null
  userAgent: string | null
  correlationId: string
}

/** Who acts, and from where, as far as it was a request */
export type Actor = AuditDocument['actor'] & {
  sessionId?: ObjectId | null
  from?: RequestOrigin
}

export interface AuditEntry {
  partnerId: ObjectId | null
  actor: Actor
  action: string
  outcome?: AuditDocument['outcome']
  target?: string | null
  details?: AuditDocument['details']
  correlationId?: string | null
}

export const systemActor: Actor = { kind: 'system', user_id: null, email: null }
export const hubspotActor: Actor = { kind: 'hubspot', user_id: null, email: null }

/** @param who a signed-in person, or a person about to be */
export function userActor({
  user,
  sessionId = null,
  from,
  isServiceKey = false,
}: {
  user: { id: ObjectId; email: string }
  sessionId?: ObjectId | null
  from?: RequestOrigin
  isServiceKey?: boolean
}): Actor {
  return {
    kind: isServiceKey ? 'service_key' : 'user',
    user_id: user.id,
    email: user.email,
    sessionId: isServiceKey ? null : sessionId,
    from,
  }
}

/**
 * Append-only record of who did what, when and from where. Details are closed facts: codes, counts,
 * ids; never a secret, never personal data of a contact.
 */
export function createAuditLog({ collections, clock }: { collections: Collections; clock: Clock }) {
  const listeners: ((entry: AuditEntry) => void)[] = []
  return {
    /** @param listener is told of each line after it is stored; it must not throw */
    onRecorded: (listener: (entry: AuditEntry) => void) => void listeners.push(listener),

    async record(entry: AuditEntry): Promise<void> {
      const { partnerId, action, outcome = 'ok', target = null, details = {} } = entry
      const { kind, user_id, email, sessionId = null, from } = entry.actor
      const { correlationId = from?.correlationId ?? null } = entry
      await collections.auditLog.insertOne({
        _id: new ObjectId(),
        partner_id: partnerId,
        actor: { kind, user_id, email },
        action,
        outcome,
        target,
        session_id: sessionId,
        address: from?.address ?? null,
        user_agent: from?.userAgent ?? null,
        details,
        correlation_id: correlationId,
        at: clock(),
      })
      for (const listener of listeners) listener(entry)
    },
  }
}
export type AuditLog = ReturnType<typeof createAuditLog>
