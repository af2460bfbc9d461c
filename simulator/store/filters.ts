import { objectTypes, tiedTo, type ObjectType } from '../data/object-types'
import type { PropertyDefinition } from '../data/properties'
import { invalidInput } from '../http'
import type { RecordView } from './record'
import type { Portal } from './portal'

type Comparable = number | string

/** A filter as it was sent */
interface FilterInput {
  propertyName: string
  operator: string
  value?: string
  highValue?: string
  values?: string[]
}

/**
 * A checked filter of a search. Its bounds are set where it is a range of something that grows with
 * the record's index.
 */
export interface Filter {
  property: string
  operator: string
  matches(record: RecordView): boolean
  /**
   * Inclusive lower and exclusive upper bound of `modified`, `created` or `id`; infinite where open
   */
  bounds?: { of: 'modified' | 'created' | 'id'; from: number; to: number }
  /** Indexes of the only untouched records that can match, where they can be looked up */
  points?: number[]
}

const comparisons: Record<string, (order: number) => boolean> = {
  EQ: order => order === 0,
  NEQ: order => order !== 0,
  LT: order => order < 0,
  LTE: order => order <= 0,
  GT: order => order > 0,
  GTE: order => order >= 0,
}

/** @throws {RefusedRequest} 400 for what HubSpot would not take */
export function parseFilter(
  portal: Portal,
  type: ObjectType,
  { propertyName: property, operator, value, highValue, values }: FilterInput,
): Filter {
  const other = tiedTo(type).find(to => property === `associations.${objectTypes[to].singular}`)
  if (other) return parseAssociationFilter(portal, [type, other], property, operator, value, values)
  const definition = portal.property(type, property)
  if (!definition) {
    throw invalidInput('There was a problem with the request.', [
      {
        message: `Property "${property}" does not exist`,
        code: 'PROPERTY_DOESNT_EXIST',
        context: { propertyName: [property] },
      },
    ])
  }
  const read = readerOf(type, definition)
  const parse = (given: string | undefined) => {
    if (given === undefined || given === '')
      throw invalidInput(`operator ${operator} of ${property} requires a value`)
    return parseValue(definition, given)
  }
  const frame = { property, operator }
  const has = (test: (value: Comparable) => boolean) => (record: RecordView) => {
    const own = read(record)
    return own !== null && test(own)
  }

  switch (operator) {
    case 'EQ':
    case 'NEQ':
    case 'LT':
    case 'LTE':
    case 'GT':
    case 'GTE': {
      const wanted = parse(value)
      const fits = comparisons[operator] ?? (() => false)
      return {
        ...frame,
        matches: has(own => fits(own < wanted ? -1 : own > wanted ? 1 : 0)),
        ...boundsOf(type, property, operator, wanted),
        ...(operator === 'EQ' ? pointsOf(portal, type, property, [String(value)]) : {}),
      }
    }
    case 'BETWEEN': {
      const low = parse(value)
      const high = parse(highValue)
      const from = boundsOf(type, property, 'GTE', low).bounds
      const to = boundsOf(type, property, 'LTE', high).bounds
      return {
        ...frame,
        matches: has(own => own >= low && own <= high),
        ...(from && to ? { bounds: { ...from, to: to.to } } : {}),
      }
    }
    case 'IN':
    case 'NOT_IN': {
      if (values === undefined || values.length === 0)
        throw invalidInput(`operator ${operator} of ${property} requires values`)
      // Values of strings must be given in lower case; otherwise they find nothing.
      const wanted = new Set(
        values.map(given => (definition.type === 'string' ? given : parseValue(definition, given))),
      )
      const inside = operator === 'IN'
      return {
        ...frame,
        matches: has(own => wanted.has(own) === inside),
        ...(inside ? pointsOf(portal, type, property, values) : {}),
      }
    }
    case 'HAS_PROPERTY':
      return { ...frame, matches: record => read(record) !== null }
    case 'NOT_HAS_PROPERTY':
      return { ...frame, matches: record => read(record) === null }
    case 'CONTAINS_TOKEN':
    case 'NOT_CONTAINS_TOKEN': {
      const contains = tokenMatcher(String(parse(value)))
      return {
        ...frame,
        matches: has(own => contains(String(own)) === (operator === 'CONTAINS_TOKEN')),
      }
    }
    default:
      throw invalidInput(`Invalid operator ${operator}`)
  }
}

/**
 * `associations.contact` of a deal and the other way round: records associated with one of these
 * ids.
 */
function parseAssociationFilter(
  portal: Portal,
  [type, other]: [ObjectType, ObjectType],
  property: string,
  operator: string,
  value: string | undefined,
  values: string[] | undefined,
): Filter {
  const ids =
    operator === 'EQ' ? [String(value)] : operator === 'IN' && values !== undefined ? values : null
  if (ids === null) throw invalidInput(`${property} takes EQ and IN alone`)
  const points = [
    ...new Set(
      ids.flatMap(id => {
        const index = portal.store(other).indexOf(id)
        return index < 0 ? [] : portal.associations.of(other, index, type)
      }),
    ),
  ]
  return { property, operator, points, matches: record => points.includes(record.index) }
}

/** Addresses and ids lead straight to their record. */
function pointsOf(
  portal: Portal,
  type: ObjectType,
  property: string,
  values: string[],
): Pick<Filter, 'points'> {
  const store = portal.store(type)
  if (property === 'hs_object_id') return { points: values.map(id => store.indexOf(id)) }
  if (property === 'email' && type === 'contacts')
    return { points: values.map(email => store.findUnique('email', email.toLowerCase())) }
  return {}
}

/**
 * Reads a record's value in a form that compares: numbers and times as numbers, text in lower case.
 */
function readerOf(
  type: ObjectType,
  { name, type: valueType }: PropertyDefinition,
): (record: RecordView) => Comparable | null {
  if (name === objectTypes[type].modified) return record => record.updatedAt
  if (name === 'createdate') return record => record.createdAt
  if (name === 'hs_object_id') return record => Number(record.id)
  return record => {
    const value = record.value(name)
    if (value === null) return null
    if (valueType === 'number') return Number(value)
    if (valueType === 'date' || valueType === 'datetime') return Date.parse(value)
    return value.toLowerCase()
  }
}

function parseValue({ name, type }: PropertyDefinition, text: string): Comparable {
  if (type === 'number') {
    const number = Number(text)
    if (text.trim() === '' || !Number.isFinite(number))
      throw invalidInput(`Invalid number ${text} for ${name}`)
    return number
  }
  if (type === 'date' || type === 'datetime') {
    const at = /^-?\d+$/.test(text)
      ? Number(text)
      : /^\d{4}-\d{2}-\d{2}/.test(text)
        ? Date.parse(text)
        : Number.NaN
    if (!Number.isFinite(at))
      throw invalidInput(`Invalid date ${text} for ${name}: use milliseconds since the epoch`)
    return at
  }
  return text.toLowerCase()
}

function boundsOf(
  type: ObjectType,
  property: string,
  operator: string,
  value: Comparable,
): Pick<Filter, 'bounds'> {
  const of =
    property === objectTypes[type].modified
      ? 'modified'
      : property === 'createdate'
        ? 'created'
        : property === 'hs_object_id'
          ? 'id'
          : null
  if (of === null || typeof value !== 'number') return {}
  const floor = Math.floor(value)
  const open = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  switch (operator) {
    case 'EQ':
      return { bounds: { of, from: Math.ceil(value), to: floor + 1 } }
    case 'GTE':
      return { bounds: { ...open, of, from: Math.ceil(value) } }
    case 'GT':
      return { bounds: { ...open, of, from: floor + 1 } }
    case 'LTE':
      return { bounds: { ...open, of, to: floor + 1 } }
    case 'LT':
      return { bounds: { ...open, of, to: Math.ceil(value) } }
    default:
      return {}
  }
}

/** Words of a text; `*` in what is looked for stands for any letters. */
function tokenMatcher(wanted: string): (text: string) => boolean {
  const expression = wanted
    .split('*')
    .map(piece => piece.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
    .join('.*')
  const pattern = new RegExp(`(^|[^\\p{L}\\p{N}])${expression}($|[^\\p{L}\\p{N}])`, 'u')
  return text => pattern.test(text.toLowerCase())
}
