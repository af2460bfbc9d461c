import type { ObjectId } from 'mongodb'
import type { FieldMappingEntry } from '#shared/contracts/mapping'
import type { DealField, LeadField } from '#shared/leads/fields'
import type { FieldsSeenDocument } from '../database/documents'
import type { Collections } from '../database/collections'
import type { ObjectType } from '../hubspot/crm-types'
import { DomainError } from '../errors'
import { fieldKinds, ownFieldKinds } from '../records/fields'
import { kindOfType } from '../records/kinds'
import type { FieldRule, FieldRules } from '../records/merge-field'
import { defaultFields } from './defaults'
import { accountZone } from './portal'
import { createFieldMappingRepository, type StoredField } from './repository'

const maxTries = 20

/** Which fields are mapped to which properties, and in which direction. */
export function createFieldMapping({ collections }: { collections: Collections }) {
  const repository = createFieldMappingRepository(collections)

  /** The partner's mapping, or the default until one is stored. */
  async function stored(partnerId: ObjectId): Promise<readonly StoredField[]> {
    return (await repository.find(partnerId))?.fields ?? defaultFields
  }

  /** The rules of the merge, by object of ours. */
  async function fieldsFor(partnerId: ObjectId): Promise<FieldRules> {
    const [found, zone] = await Promise.all([
      repository.find(partnerId),
      accountZone(collections, partnerId),
    ])
    return toRules(found?.fields ?? defaultFields, found?.seen, zone)
  }

  /** The rules that another mapping would give. */
  async function rulesOf(partnerId: ObjectId, fields: readonly StoredField[]): Promise<FieldRules> {
    const [seen, zone] = await Promise.all([
      repository.seen(partnerId),
      accountZone(collections, partnerId),
    ])
    return toRules(fields, seen ?? undefined, zone)
  }

  /** The HubSpot properties that a read of this object must ask for. */
  async function propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> {
    const { name, alwaysRead } = kindOfType(type)
    const rules = (await fieldsFor(partnerId))[name]
    const readable = rules.filter(rule => rule.paused !== 'both').map(rule => rule.property)
    return [...new Set([...alwaysRead, ...readable])]
  }

  async function view(partnerId: ObjectId): Promise<FieldMappingEntry[]> {
    return (await stored(partnerId)).map(({ object, field, property, direction, policy }) => ({
      object,
      field,
      property,
      direction,
      policy,
    }))
  }

  /**
   * Changes the mapping as it stands, however many change it at once.
   * @param next `null`: nothing is to be changed
   */
  async function change(
    partnerId: ObjectId,
    next: (present: readonly StoredField[]) => StoredField[] | null,
    at: Date,
  ): Promise<void> {
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const found = await repository.find(partnerId)
      const wanted = next(found?.fields ?? defaultFields)
      if (!wanted || (await repository.storeIf(partnerId, wanted, found?.revision ?? null, at)))
        return
    }
    throw new DomainError(
      'stale_revision',
      'Others keep changing this mapping. Try again in a moment.',
      { retryAfterSeconds: 1 },
    )
  }

  return { fieldsFor, rulesOf, propertiesToRead, view, stored, change, repository }
}

function toRules(
  fields: readonly StoredField[],
  seen: FieldsSeenDocument | undefined,
  zone: string,
): FieldRules {
  const rules: FieldRules = { lead: [], deal: [] }
  for (const entry of fields) {
    const { object, field, property, direction, policy, type, own } = entry
    rules[object].push({
      field,
      property,
      direction,
      policy,
      kind: own ? ownFieldKinds[own] : fieldKinds[field as LeadField | DealField],
      // As HubSpot has it now: the mapping keeps what it was when it was stored.
      type: seen?.types[`${object}:${property}`] ?? type,
      zone,
      ...pauseOf(seen?.drift.find(one => one.object === object && one.property === property)),
    })
  }
  return rules
}

function pauseOf(
  drift: FieldsSeenDocument['drift'][number] | undefined,
): Pick<FieldRule, 'paused'> {
  return drift ? { paused: drift.kind === 'read_only' ? 'out' : 'both' } : {}
}
export type FieldMapping = ReturnType<typeof createFieldMapping>
