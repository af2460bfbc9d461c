import type { ObjectId } from 'mongodb'
import type { OwnValueInput } from '#shared/contracts/fields'
import type { KindName } from '../database/documents'
import { ValidationFailed } from '../errors'
import type { FieldRule } from '../records/merge-field'
import type { MappedRules } from '../records/outbox'
import { ownInput, type OwnField } from '../records/own-values'
import { innerValues, namesChoices } from './choices'
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

/**
 * Checks the values of a change or of a new record by themselves, before a record is looked at.
 * @returns them as they are stored, with the partner's rules and own fields for their kind
 * @throws {ValidationFailed} an own field that is not there, or a value that does not fit
 * @throws {FieldNotEditable}
 */
export async function checkInput<F extends string>(
  mapping: Pick<MappedRules, 'fieldsFor' | 'ownFieldsOf' | 'choicesOf'>,
  { name, fields }: { name: KindName; fields: readonly F[] },
  partnerId: ObjectId,
  input: Given<F> & { fields?: Readonly<Record<string, OwnValueInput>> | undefined },
  options: { isNew: boolean },
) {
  const [{ [name]: rules }, { [name]: own }] = await Promise.all([
    mapping.fieldsFor(partnerId),
    mapping.ownFieldsOf(partnerId),
  ])
  const builtIn = givenValues(fields, input)
  const given = {
    ...(namesChoices(builtIn)
      ? innerValues(await mapping.choicesOf(partnerId, name), builtIn)
      : builtIn),
    ...givenOwnValues(own, input.fields),
  }
  assertEditable(rules, given, options)
  return { given, rules, own }
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
function assertEditable(
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
