import { hubspotTime } from '../clock'
import { objectTypes, tiedTo, type ObjectType } from '../data/object-types'
import type { ErrorBody, ErrorDetail } from '../http'
import { createRecord, updateRecord, type Typed } from '../store/changes'
import { withoutStepBack } from '../store/lifecycle'
import type { RecordView } from '../store/record'
import type { Portal } from '../store/portal'
import { checkProperties, missingAtCreation } from '../store/validation'
import { tieTo, typesFrom, type TieMarks } from './association-types'
import type { Creation } from './bodies'
import type { ApiCall } from './call'

/** HubSpot's reason against one input. */
export interface Refusal {
  status: number
  error: ErrorBody
}

/** A checked write that is still to be done. */
export interface Plan {
  /** Unique values it takes, as `property:value`: two plans of one batch must not take the same */
  takes: string[]
  apply(): RecordView
}

/** Checks the creation of one record. */
export function planCreation(call: ApiCall, type: ObjectType, input: Creation): Plan | Refusal {
  const { portal, source, version } = call
  const { values, problems } = checkProperties(
    portal,
    type,
    input.properties,
    null,
    version === '2026-09',
  )
  if (problems.length > 0) return invalidProperties(problems)
  const missing = missingAtCreation(portal, type, values, version)
  if (missing.length > 0) {
    return {
      status: 400,
      error: {
        category: 'VALIDATION_ERROR',
        message: `Error creating ${objectName(type)}. Some required properties were not set.`,
        context: { properties: [`[${missing.join(', ')}]`] },
      },
    }
  }
  const conflict = conflictOf(portal, type, values, null)
  if (conflict) return conflict
  const targets = associationTargets(portal, type, input.associations ?? [])
  if ('error' in targets) return targets

  return {
    takes: uniqueValues(portal, type, values),
    apply() {
      const record = createRecord(
        portal,
        type,
        { ...withoutNulls(values), ...setByHubspot(type, values, call) },
        { source },
      )
      for (const { other, marks } of targets.records)
        tieTo(portal, { type, record }, other, marks, source)
      return record
    },
  }
}

/** Checks the update of one record. */
export function planUpdate(
  call: ApiCall,
  type: ObjectType,
  record: RecordView,
  input: Pick<Creation, 'properties'>,
): Plan | Refusal {
  const { portal, source, version } = call
  const { values, problems } = checkProperties(
    portal,
    type,
    input.properties,
    record,
    version === '2026-09',
  )
  if (problems.length > 0) return invalidProperties(problems)
  const conflict = conflictOf(portal, type, values, record)
  if (conflict) return conflict
  return {
    takes: uniqueValues(portal, type, values),
    apply: () =>
      updateRecord(
        portal,
        type,
        record,
        {
          ...withoutStepBack(portal, type, record, values),
          ...domainOf(type, values),
          ...closing(call, type, record, values),
        },
        { source },
      ),
  }
}

/** With `setsCloseDate`: the day on which a deal moves to a closed stage becomes its close date. */
function closing(
  { world, portal }: ApiCall,
  type: ObjectType,
  record: RecordView,
  values: Record<string, string | null>,
): Record<string, string | null> {
  const { property = '', stage = '', closed } = objectTypes[type].pipeline ?? {}
  if (!world.settings.setsCloseDate || !closed || values[closed] !== undefined) return {}
  const next = values[stage]
  if (next === undefined || next === record.value(stage)) return {}
  const pipeline = values[property] ?? record.value(property)
  const metadataOf = (id: string | null) => portal.stage(type, pipeline, id)?.metadata
  const now = metadataOf(next)
  const before = metadataOf(record.value(stage))
  // From one won stage to another nothing changes, nor from one lost stage to another.
  const isSame = before?.isClosed === 'true' && before.probability === now?.probability
  return now?.isClosed === 'true' && !isSame ? { [closed]: hubspotTime(world.clock.now()) } : {}
}

/** As HubSpot's messages name an object */
export const objectName = (type: ObjectType) => {
  const { isCustom, objectTypeId, singular } = objectTypes[type]
  return isCustom ? objectTypeId : singular.toUpperCase()
}

/** HubSpot keeps the domain of a contact's address beside it. */
function domainOf(
  type: ObjectType,
  { email }: Record<string, string | null>,
): Record<string, string | null> {
  return type === 'contacts' && email !== undefined
    ? { hs_email_domain: email?.split('@')[1] ?? null }
    : {}
}

/** What HubSpot adds to a new record by itself (docs/hubspot-platform.md#objects). */
function setByHubspot(
  type: ObjectType,
  values: Record<string, string | null>,
  { source }: ApiCall,
): Record<string, string | null> {
  return {
    hs_object_source: source.changeSource,
    hs_object_source_id: source.sourceId,
    hs_object_source_label: source.changeSource,
    ...domainOf(type, values),
    ...(objectTypes[type].hasLifecycle && !values.lifecyclestage ? { lifecyclestage: 'lead' } : {}),
  }
}

function withoutNulls(values: Record<string, string | null>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}

/** As Segment's connector meets it where it names a property that is not there yet. */
export const unknownProperty = (name: string): Refusal =>
  invalidProperties([
    {
      message: `Property "${name}" does not exist`,
      code: 'PROPERTY_DOESNT_EXIST',
      context: { propertyName: [name] },
    },
  ])

function invalidProperties(problems: ErrorDetail[]): Refusal {
  const summary = problems.map(({ message, code, context }) => ({
    isValid: false,
    message,
    error: code,
    name: context?.propertyName?.[0],
    localizedErrorMessage: message,
  }))
  return {
    status: 400,
    error: {
      category: 'VALIDATION_ERROR',
      message: `Property values were not valid: ${JSON.stringify(summary)}`,
      errors: problems,
    },
  }
}

function uniqueValues(
  portal: Portal,
  type: ObjectType,
  values: Record<string, string | null>,
): string[] {
  return Object.entries(values)
    .filter(
      ([name, value]) =>
        value !== null && (name === 'email' || portal.property(type, name)?.hasUniqueValue),
    )
    .map(([name, value]) => `${name}:${value}`)
}

/**
 * Unique values that another live record has already. HubSpot names that record in the message
 * alone.
 */
function conflictOf(
  portal: Portal,
  type: ObjectType,
  values: Record<string, string | null>,
  record: RecordView | null,
): Refusal | null {
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue
    const isEmail = type === 'contacts' && name === 'email'
    if (!isEmail && !portal.property(type, name)?.hasUniqueValue) continue
    const index = isEmail
      ? portal.contactByEmail(value)
      : portal.store(type).findUnique(name, value)
    if (index < 0 || index === record?.index) continue
    const existing = portal.store(type).idAt(index)
    if (isEmail)
      return {
        status: 409,
        error: {
          category: 'CONFLICT',
          message: `Contact already exists. Existing ID: ${existing}`,
        },
      }
    return invalidProperties([
      {
        message: `${value} already exists for property ${name} on ${existing}`,
        code: 'CONFLICTING_UNIQUE_VALUE',
        context: { propertyName: [name] },
      },
    ])
  }
  return null
}

/** The records that a creation's `associations` name. */
function associationTargets(
  portal: Portal,
  from: ObjectType,
  associations: NonNullable<Creation['associations']>,
): { records: { other: Typed; marks: TieMarks }[] } | Refusal {
  const refuse = (message: string) => ({
    status: 400,
    error: { category: 'VALIDATION_ERROR', message },
  })
  const records: { other: Typed; marks: TieMarks }[] = []
  for (const {
    to: { id },
    types,
  } of associations) {
    // The types alone say of which object the other record is.
    const type = tiedTo(from).find(to => typesFrom(portal, from, to, types))
    const marks = type && typesFrom(portal, from, type, types)
    if (!type || !marks)
      return refuse(`No association type from ${from} with this category and typeId exists`)
    const record = portal.store(type).view(portal.store(type).indexOf(id))
    if (!record || record.archivedAt !== null)
      return refuse(`${objectName(type)}=${id} is not valid`)
    records.push({ other: { type, record }, marks })
  }
  return { records }
}
