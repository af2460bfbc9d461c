import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { PartnerDocument } from '../database/documents'
import { sealedFields, sealedPath, type SealedField } from './sealed-fields'

export interface SealedValue {
  partnerId: ObjectId
  field: SealedField
  envelope: string
}

/** What stands sealed in one partner's document. */
function sealedValuesOf(
  partner: Pick<PartnerDocument, '_id' | 'hubspot_integration' | 'notice_webhook'>,
): SealedValue[] {
  return sealedFields.flatMap(field => {
    const envelope = sealedPath(field)
      .split('.')
      .reduce<unknown>(
        (at, key) => (at as Record<string, unknown> | null | undefined)?.[key],
        partner,
      )
    return typeof envelope === 'string' ? [{ partnerId: partner._id, field, envelope }] : []
  })
}

const projection = Object.fromEntries(sealedFields.map(field => [sealedPath(field), 1]))

/**
 * Every partner that has something sealed, in the order of ids: one after the other, never all in
 * memory.
 * @param partnerId only this one
 */
export async function* partnersWithSealedValues(
  collections: Collections,
  partnerId: ObjectId | null = null,
): AsyncGenerator<SealedValue[]> {
  const partners = collections.partners.find(partnerId ? { _id: partnerId } : {}, { projection })
  for await (const partner of partners.sort({ _id: 1 })) {
    const values = sealedValuesOf(partner)
    if (values.length > 0) yield values
  }
}
