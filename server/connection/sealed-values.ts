import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { PartnerDocument } from '../database/documents'
import { sealedFields, type SealedField } from './vault'

export interface SealedValue {
  partnerId: ObjectId
  field: SealedField
  envelope: string
}

/** What stands sealed in one partner's document. */
export function sealedValuesOf(
  partner: Pick<PartnerDocument, '_id' | 'hubspot_integration'>,
): SealedValue[] {
  return sealedFields.flatMap(field => {
    const envelope = field
      .split('.')
      .reduce<unknown>(
        (at, key) => (at as Record<string, unknown> | null | undefined)?.[key],
        partner.hubspot_integration,
      )
    return typeof envelope === 'string' ? [{ partnerId: partner._id, field, envelope }] : []
  })
}

const projection = Object.fromEntries(
  sealedFields.map(field => [`hubspot_integration.${field}`, 1]),
)

/**
 * Every partner that has something sealed, in the order of ids: one after the other, never all in
 * memory.
 */
export async function* partnersWithSealedValues(
  collections: Collections,
): AsyncGenerator<SealedValue[]> {
  for await (const partner of collections.partners.find({}, { projection }).sort({ _id: 1 })) {
    const values = sealedValuesOf(partner)
    if (values.length > 0) yield values
  }
}
