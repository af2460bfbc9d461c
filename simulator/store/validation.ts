import { hubspotTime } from '../clock'
import { objectTypes, type ObjectType } from '../data/object-types'
import type { PropertyDefinition } from '../data/properties'
import type { ErrorDetail } from '../http'
import type { RecordView } from './record'
import type { Portal } from './portal'
import { stageProblems } from './stage-rules'

export interface ValidationResult {
  /** What to store: strings, null for a value to clear */
  values: Record<string, string | null>
  problems: ErrorDetail[]
}

const dayMs = 86_400_000

/**
 * Checks properties of a write against the portal's schema.
 * @param current the record to update; null at creation
 * @param enforceRules whether the admin's own validation rules count (version 2026-09 on)
 */
export function checkProperties(
  portal: Portal,
  type: ObjectType,
  input: Record<string, string | null>,
  current: RecordView | null,
  enforceRules: boolean,
): ValidationResult {
  const values: ValidationResult['values'] = {}
  const problems: ErrorDetail[] = []
  for (const [name, given] of Object.entries(input)) {
    const definition = portal.property(type, name)
    if (!definition) {
      problems.push(problem(name, 'PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`))
      continue
    }
    if (definition.modificationMetadata.readOnlyValue) {
      problems.push(
        problem(
          name,
          'READ_ONLY_VALUE',
          `"${name}" is a read only property; its value cannot be set.`,
        ),
      )
      continue
    }
    // HubSpot answers 200 and leaves the value as it is; only '' clears.
    if (given === null) continue
    if (given.trim() === '') {
      values[name] = null
      continue
    }
    const checked = checkValue(portal, type, definition, given)
    if (typeof checked === 'string') values[name] = checked
    else problems.push(checked)
  }
  problems.push(...stageProblems(portal, type, values, current, problems))
  if (enforceRules) problems.push(...checkRules(portal, type, values, current))
  return { values, problems }
}

/** Names that HubSpot wants at creation and that are not there; v3 takes a record without any. */
export function missingAtCreation(
  portal: Portal,
  type: ObjectType,
  values: Record<string, string | null>,
  version: string,
): string[] {
  const { requiredProperties = [] } = portal.schemas.get(type) ?? {}
  const needed = version === 'v3' ? [] : objectTypes[type].needed
  return [...needed, ...requiredProperties].filter(name => (values[name] ?? null) === null)
}

function problem(name: string, code: string, message: string): ErrorDetail {
  return { message, code, context: { propertyName: [name] } }
}

/** @returns the value as HubSpot stores it, or what is wrong with it */
function checkValue(
  portal: Portal,
  object: ObjectType,
  definition: PropertyDefinition,
  text: string,
): string | ErrorDetail {
  const { name, type } = definition
  switch (type) {
    case 'number':
      return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim())
        ? text.trim()
        : problem(name, 'INVALID_LONG', `${text} was not a valid number.`)
    case 'date': {
      const at = /^\d{4}-\d{2}-\d{2}$/.test(text)
        ? Date.parse(`${text}T00:00:00Z`)
        : /^-?\d+$/.test(text)
          ? Number(text)
          : Number.NaN
      if (!Number.isFinite(at) || at % dayMs !== 0)
        return problem(
          name,
          'INVALID_DATE',
          `${text} is not a valid date: it must be midnight UTC.`,
        )
      return new Date(at).toISOString().slice(0, 10)
    }
    case 'datetime': {
      const at = /^-?\d+$/.test(text)
        ? Number(text)
        : /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2}))?$/.test(text)
          ? Date.parse(text)
          : Number.NaN
      return Number.isFinite(at) && Math.abs(at) < 8.64e15
        ? hubspotTime(at)
        : problem(name, 'INVALID_DATE', `${text} is not a valid date and time.`)
    }
    case 'bool':
      return text === 'true' || text === 'false'
        ? text
        : problem(
            name,
            'INVALID_OPTION',
            `${text} was not one of the allowed options: [true, false]`,
          )
    case 'enumeration': {
      const { pipeline } = objectTypes[object]
      const allowed =
        name === 'hubspot_owner_id'
          ? portal.owners.map(({ id }) => id)
          : name === pipeline?.property
            ? portal.pipelines[object].filter(({ archived }) => !archived).map(({ id }) => id)
            : // Which stages fit is the pipeline's business: `stageProblems`.
              name === pipeline?.stage
              ? [text]
              : definition.options.map(({ value }) => value)
      const chosen = definition.fieldType === 'checkbox' ? text.split(';') : [text]
      return chosen.every(value => allowed.includes(value))
        ? text
        : problem(
            name,
            'INVALID_OPTION',
            `${text} was not one of the allowed options: [${allowed.join(', ')}]`,
          )
    }
    case 'phone_number':
    case 'string':
      if (name === 'email') {
        const address = text.trim().toLowerCase()
        return /^[^\s@"(),:;<>[\\\]]+@([\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}$/u.test(address)
          ? address
          : problem(name, 'INVALID_EMAIL', `Email address ${text} is invalid`)
      }
      return text.length <= 65_536
        ? text
        : problem(name, 'INVALID_LENGTH', `${name} is longer than 65536 characters`)
  }
}

function checkRules(
  portal: Portal,
  type: ObjectType,
  values: Record<string, string | null>,
  current: RecordView | null,
): ErrorDetail[] {
  const after = (name: string) =>
    values[name] !== undefined ? values[name] : (current?.value(name) ?? null)
  return portal.requiredOnWrite
    .filter(
      rule =>
        rule.type === type &&
        (!rule.when || after(rule.when.property) === rule.when.equals) &&
        after(rule.property) === null,
    )
    .map(rule =>
      problem(
        rule.property,
        'REQUIRED_PROPERTY',
        `Property "${rule.property}" is required by a validation rule of this account.`,
      ),
    )
}
