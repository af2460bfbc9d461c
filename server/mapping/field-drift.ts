import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { FieldsSeenDocument } from '../database/documents'
import type { HubspotProperty } from '../hubspot/crm-types'
import { fieldTrouble } from './field-checks'
import type { FieldMappingRepository, StoredField } from './repository'
import type { Schema } from './schema'

export interface FieldDriftDeps {
  repository: FieldMappingRepository
  schema: Pick<Schema, 'properties'>
  clock: Clock
  storedFields(partnerId: ObjectId): Promise<readonly StoredField[]>
}

/**
 * Holds the mapped fields against HubSpot's properties. A field whose property was archived, made
 * read-only or given another type pauses alone, and goes on by itself.
 */
export function createFieldDrift({ repository, schema, clock, storedFields }: FieldDriftDeps) {
  /**
   * @param isFresh asks HubSpot even if its answer is known
   * @returns whether a field paused or goes on since the last look
   * @throws as HubSpot cannot be asked
   */
  return async function look(
    partnerId: ObjectId,
    portalId: string,
    isFresh: boolean,
  ): Promise<boolean> {
    const [fields, before, lead, deal] = await Promise.all([
      storedFields(partnerId),
      repository.seen(partnerId),
      schema.properties(partnerId, portalId, 'contacts', isFresh),
      schema.properties(partnerId, portalId, 'deals', isFresh),
    ])
    const now = seenNow(fields, { lead, deal }, portalId, before, clock())
    if (JSON.stringify(now) === JSON.stringify(before)) return false
    await repository.storeSeen(partnerId, now)
    const keys = ({ drift }: Pick<FieldsSeenDocument, 'drift'>) =>
      JSON.stringify(drift.map(({ object, property, kind }) => [object, property, kind]))
    return keys(now) !== keys(before ?? { drift: [] })
  }
}

/** Pure. @param before keeps the instant at which a trouble was first seen */
export function seenNow(
  fields: readonly StoredField[],
  properties: Record<'lead' | 'deal', readonly HubspotProperty[]>,
  portalId: string,
  before: FieldsSeenDocument | null,
  now: Date,
): FieldsSeenDocument {
  const seen: FieldsSeenDocument = { portal_id: portalId, drift: [], types: {} }
  for (const entry of fields) {
    const { object, field, property, type } = entry
    const found = properties[object].find(one => one.name === property)
    const kind = fieldTrouble(entry, found)
    const since =
      before?.drift.find(
        one => one.object === object && one.property === property && one.kind === kind,
      )?.since ?? now
    if (kind) seen.drift.push({ object, field, property, kind, since })
    if (found && found.type !== type) seen.types[`${object}:${property}`] = found.type
  }
  return seen
}
