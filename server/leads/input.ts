import type { FieldRule } from '../records/merge-field'
import { FieldNotEditable } from './errors'

type Values<F extends string> = Record<F, string | null>
type Given<F extends string> = { [field in F]?: string | null | undefined }

/** The given fields of a record, and nothing else of what came in. */
export function givenValues<F extends string>(
  fields: readonly F[],
  input: Given<F>,
): Partial<Values<F>> {
  const values: Partial<Values<F>> = {}
  for (const field of fields) {
    const value = input[field]
    if (value !== undefined) values[field] = value
  }
  return values
}

/** @returns the fields that get another value than they have */
export function changedFields<F extends string>(
  fields: readonly F[],
  given: Partial<Values<F>>,
  current: Values<F>,
): F[] {
  return fields.filter(field => given[field] !== undefined && given[field] !== current[field])
}

/**
 * Values of a field that only comes from HubSpot would stay here and never be sent.
 * @param given as `givenValues` returns it; `null` for a new record's field is no value
 * @throws {FieldNotEditable}
 */
export function assertEditable(
  rules: readonly Pick<FieldRule, 'field' | 'direction'>[],
  given: Given<string>,
  { isNew }: { isNew: boolean },
): void {
  const refused = rules
    .filter(({ field, direction }) => {
      const value = given[field]
      return direction === 'in' && value !== undefined && !(isNew && value === null)
    })
    .map(({ field }) => field)
  if (refused.length > 0) throw new FieldNotEditable(refused)
}
