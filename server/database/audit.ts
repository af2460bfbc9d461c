import { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from './collections'
import type { AuditDocument } from './documents'

export interface AuditEntry {
  partnerId: ObjectId | null
  actor: AuditDocument['actor']
  action: string
  outcome?: AuditDocument['outcome']
  details?: AuditDocument['details']
  correlationId?: string | null
}

export const systemActor: AuditDocument['actor'] = { kind: 'system', user_id: null, email: null }
export const hubspotActor: AuditDocument['actor'] = { kind: 'hubspot', user_id: null, email: null }
export function userActor(user: { id: ObjectId; email: string }): AuditDocument['actor'] {
  return { kind: 'user', user_id: user.id, email: user.email }
}

/**
 * Append-only record of who did what. Details are closed facts: codes, counts, ids; never a secret,
 * never personal data of a contact.
 */
export function createAuditLog({ collections, clock }: { collections: Collections; clock: Clock }) {
  return {
    async record({
      partnerId,
      actor,
      action,
      outcome = 'ok',
      details = {},
      correlationId = null,
    }: AuditEntry): Promise<void> {
      await collections.auditLog.insertOne({
        _id: new ObjectId(),
        partner_id: partnerId,
        actor,
        action,
        outcome,
        details,
        correlation_id: correlationId,
        at: clock(),
      })
    },
  }
}
export type AuditLog = ReturnType<typeof createAuditLog>
