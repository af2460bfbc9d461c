import type { FieldRule } from '../records/merge-field'
import { FieldNotEditable } from './errors'
import type { OwnValueInput } from '#shared/contracts/fields'
import { ValidationFailed } from '../errors'
import { ownInput, type OwnField } from '../records/own-values'

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

/**
 * The given values of fields that admins added, as they are stored.
 * @throws {ValidationFailed} an unknown key, or a value that does not fit its field
 */
export function givenOwnValues(
  own: readonly OwnField[],
  given: Readonly<Record<string, OwnValueInput>> | undefined,
): Record<string, string | null> {
  const { values, issues } = ownInput(own, given)
  if (issues.length > 0) throw new ValidationFailed(issues)
  return values
}

/** @returns the fields that get another value than they have */
export function changedFields(
  given: Readonly<Record<string, string | null | undefined>>,
  current: Readonly<Record<string, string | null>>,
): string[] {
  return Object.keys(given).filter(
    field => given[field] !== undefined && given[field] !== (current[field] ?? null),
  )
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
