import type { Document, ObjectId } from 'mongodb'
import { filteredKey } from '#shared/contracts/lists'
import type { Collections } from '../database/collections'
import type { OwnFieldDocument } from '../database/documents'
import type { Order } from '../database/paging'
import { ValidationFailed } from '../errors'
import type { RecordKind } from '../records/kinds'
import { ownInput, sortedRange } from '../records/own-values'

const index = 'own_values'
/** The index has no records but these. */
const indexed = { own_index: { $exists: true } }
const sortedPath = (key: string) => `own_index.sorted.${key}`

type OwnFields = ReadonlyMap<string, OwnFieldDocument>

/** @returns the partner's fields of one kind by key */
export async function ownColumns(
  { ownFields }: Pick<Collections, 'ownFields'>,
  { name }: RecordKind,
  partnerId: ObjectId,
): Promise<OwnFields> {
  const fields = await ownFields
    .find({ partner_id: partnerId, object: name, deleted_at: null })
    .hint('one_field_per_key')
    .toArray()
  return new Map(fields.map(field => [field.key, field]))
}

/**
 * The order by an own field. Records without a value come last, in the order of their ids.
 * @throws {ValidationFailed} no such field, or one that holds several choices
 */
export function ownOrder(own: OwnFields, key: string, descending: boolean): Order {
  const field = own.get(key)
  if (!field || field.type === 'choices')
    throw new ValidationFailed([{ path: 'sort', message: 'is no column of this list' }])
  return {
    field: sortedPath(key),
    descending,
    index,
    holds: 'text',
    unique: { having: indexed, without: 'by_id' },
  }
}

/**
 * What `filter[key]=value` asks for, a choice by value or label.
 * @throws {ValidationFailed} no such field, or a value that does not fit it
 */
export function ownConditions(
  own: OwnFields,
  query: Readonly<Record<string, string | number | undefined>>,
): { filter: Document; index: string }[] {
  return Object.entries(query).flatMap(([name, given]) => {
    const key = filteredKey(name)
    if (key === undefined || given === undefined) return []
    const { values, issues } = ownInput([...own.values()], { [key]: String(given) })
    const [issue] = issues
    if (issue) throw new ValidationFailed([{ path: name, message: issue.message }])
    const text = values[key] ?? null
    if (text === null)
      throw new ValidationFailed([{ path: name, message: 'a value to look for is needed' }])
    const { from, before } = sortedRange(text)
    const equal = { [sortedPath(key)]: { $gte: from, $lt: before } }
    const filter =
      own.get(key)?.type === 'choices'
        ? { ...indexed, $or: [equal, { [`own_index.choices.${key}`]: text }] }
        : { ...indexed, ...equal }
    return [{ filter, index }]
  })
}

/** @returns whether a query names own fields */
export function namesOwnFields(names: readonly string[]): boolean {
  return names.some(name => filteredKey(name) !== undefined)
}
