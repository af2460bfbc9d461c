import type { LeadPatch } from '#shared/contracts/leads'
import { leadFields } from '#shared/leads/fields'
import { innerValues } from '../leads/choices'
import { givenOwnValues, givenValues } from '../leads/input'
import { fieldKinds, ownFieldKinds, type FieldKind } from '../records/fields'
import type { Choice } from '../records/own-values'
import { sameValue } from '../records/values'
import type { ImportLine, ImportRules } from './import-file'

/** What the values of a line mean */
export interface LineRules extends ImportRules {
  choices: Readonly<Record<string, readonly Choice[]>>
}

type Input = ImportLine['input']

/**
 * Spreadsheets write numbers, instants and choices in their own way. How a telephone number or a
 * text is written is the person's own choice.
 */
function isSame(kind: FieldKind | undefined, one: string | null, other: string | null): boolean {
  if (kind === undefined || kind === 'phone' || kind === 'text') return one === other
  return sameValue({ kind, type: 'string', zone: 'UTC' }, one, other)
}

/**
 * A line without the values that its lead has already, be they written another way.
 * @returns `null` when nothing is left
 * @throws {ValidationFailed} a value that does not fit its own field
 */
export function differing(
  { own, choices }: LineRules,
  { fields = {}, ...input }: Input,
  current: Readonly<Record<string, string | null>>,
): Omit<LeadPatch, 'revision'> | null {
  const builtIn = innerValues(choices, givenValues(leadFields, input))
  const ownValues = givenOwnValues(own, fields)
  const kindOfOwn = (key: string) => {
    const field = own.find(one => one.key === key)
    return field && ownFieldKinds[field.type]
  }
  const left = leadFields.filter(
    field =>
      builtIn[field] !== undefined &&
      !isSame(fieldKinds[field], builtIn[field], current[field] ?? null),
  )
  const ownLeft = Object.keys(ownValues).filter(
    key => !isSame(kindOfOwn(key), ownValues[key] ?? null, current[key] ?? null),
  )
  if (left.length + ownLeft.length === 0) return null
  return {
    ...Object.fromEntries(left.map(field => [field, input[field]])),
    ...(ownLeft.length === 0
      ? {}
      : { fields: Object.fromEntries(ownLeft.map(key => [key, fields[key] ?? null])) }),
  }
}
