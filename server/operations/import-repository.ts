import { ObjectId } from 'mongodb'
import { byHundreds } from '../database/by-hundreds'
import type { Collections } from '../database/collections'
import type { ImportRowsDocument, LeadDocument } from '../database/documents'
import { notParted } from '../records/repository/linked'

/** How long the lines of a file may wait, ms */
export const rowsKeptMs = 24 * 60 * 60 * 1000

export type KnownLead = Pick<LeadDocument, '_id' | 'values' | 'history'>

/** The lines of imported files that wait to be worked off, and the leads that they are for. */
export function createImportRepository({
  importRows,
  leads,
}: Pick<Collections, 'importRows' | 'leads'>) {
  return {
    async add(chunk: Omit<ImportRowsDocument, '_id'>): Promise<void> {
      await importRows.insertOne({ _id: new ObjectId(), ...chunk })
    },

    async chunk(operationId: ObjectId, index: number): Promise<ImportRowsDocument | null> {
      return await importRows.findOne({ operation_id: operationId, index })
    },

    async forget(operationId: ObjectId): Promise<void> {
      await importRows.deleteMany({ operation_id: operationId }, { hint: 'one_per_chunk' })
    },

    async prune(now: Date): Promise<void> {
      await importRows.deleteMany({ expires_at: { $lte: now } }, { hint: 'expiry' })
    },

    /** Leads by their e-mail addresses, without those whose contact is gone. */
    async leadsOf(
      partnerId: ObjectId,
      emails: readonly string[],
    ): Promise<Map<string, KnownLead[]>> {
      const found = await byHundreds(emails, some =>
        leads
          .find<KnownLead>(
            { partner_id: partnerId, 'values.email': { $in: some }, ...notParted },
            { projection: { values: 1, history: 1 } },
          )
          .toArray(),
      )
      const byEmail = new Map<string, KnownLead[]>()
      for (const lead of found) {
        const email = lead.values.email ?? ''
        byEmail.set(email, [...(byEmail.get(email) ?? []), lead])
      }
      return byEmail
    },
  }
}
export type ImportRepository = ReturnType<typeof createImportRepository>
