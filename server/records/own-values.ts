import type { ObjectId } from 'mongodb'
import type { OwnValue, OwnValueInput } from '#shared/contracts/fields'
import { CalendarDay } from '#shared/contracts/primitives'
import { texts } from '#shared/texts/en'
import type { OwnFieldDocument, OwnIndexDocument } from '../database/documents'
import type { FieldKind } from './fields'
import { canonicalDecimal, fromHubspot, joinOptions, splitOptions } from './values'

/** What records have to know of a field that an admin added. */
export type OwnField = Pick<OwnFieldDocument, 'key' | 'label' | 'type' | 'options'>

type Values = Record<string, string | null>

/** @returns the values of these fields as the API shows them; `null` for none, `[]` for no choice */
export function presentOwnValues(
  fields: readonly OwnField[],
  values: Values,
): Record<string, OwnValue> {
  return Object.fromEntries(fields.map(({ key, type }) => [key, presented(type, values[key])]))
}

function presented(type: OwnField['type'], text: string | null | undefined): OwnValue {
  if (type === 'choices') return splitOptions(text ?? null)
  if (text === null || text === undefined) return null
  return type === 'boolean' ? text === 'true' : text
}

export interface OwnInput {
  values: Values
  issues: { path: string; message: string }[]
}

/**
 * Own fields as they came in, as the texts that are stored. Choices are taken by value or label.
 * @param fields those of the record's kind
 */
export function ownInput(
  fields: readonly OwnField[],
  given: Readonly<Record<string, OwnValueInput>> = {},
): OwnInput {
  const values: Values = {}
  const issues: OwnInput['issues'] = []
  for (const [key, value] of Object.entries(given)) {
    const field = fields.find(one => one.key === key)
    const read = field ? stored(field, value) : { wrong: 'is no field of these records' }
    if ('wrong' in read) issues.push({ path: `fields.${key}`, message: read.wrong })
    else values[key] = read.text
  }
  return { values, issues }
}

type Read = { text: string | null } | { wrong: string }

const longestText = 10_000
/** A boolean by the words that people are shown */
const saidAs: Readonly<Record<string, string>> = {
  [texts.leads.own.yes.toLowerCase()]: 'true',
  [texts.leads.own.no.toLowerCase()]: 'false',
}
/** A value that comes from the API, not from a property */
const plain = (kind: FieldKind) => ({ kind, type: 'string', zone: 'UTC' })

function stored(field: OwnField, value: OwnValueInput): Read {
  if (value === null) return { text: null }
  switch (field.type) {
    case 'text':
      if (typeof value !== 'string') return { wrong: 'must be a text' }
      return value.length > longestText
        ? { wrong: `must not be longer than ${longestText} characters` }
        : { text: fromHubspot(plain('text'), value) ?? null }
    case 'number': {
      const text = typeof value === 'number' ? String(value) : value
      const number =
        typeof text === 'string' && text.length <= 40
          ? fromHubspot(plain('amount'), text)
          : undefined
      return number === undefined
        ? { wrong: 'must be a number such as 1200 or 1200.50' }
        : { text: number }
    }
    case 'date': {
      if (value === '') return { text: null }
      const day = CalendarDay.safeParse(value)
      return day.success ? { text: day.data } : { wrong: 'must be a day such as 2026-11-24' }
    }
    case 'datetime': {
      const at =
        typeof value === 'string' && !/^-?\d+$/.test(value)
          ? fromHubspot(plain('instant'), value)
          : undefined
      return at === undefined
        ? { wrong: 'must be an instant such as 2026-11-24T10:00:00Z' }
        : { text: at }
    }
    case 'boolean': {
      if (typeof value !== 'boolean' && typeof value !== 'string')
        return { wrong: 'must be true or false' }
      const said = saidAs[String(value).trim().toLowerCase()]
      const text = fromHubspot(plain('boolean'), said ?? String(value))
      return text === undefined ? { wrong: 'must be true or false' } : { text }
    }
    case 'choice': {
      if (typeof value !== 'string') return { wrong: 'must be one of its choices' }
      if (value.trim() === '') return { text: null }
      const option = optionOf(field.options, value)
      return option === undefined ? { wrong: 'is none of its choices' } : { text: option }
    }
    case 'choices': {
      if (typeof value !== 'string' && !Array.isArray(value))
        return { wrong: 'must be a list of its choices' }
      const options = (Array.isArray(value) ? value : splitOptions(value)).map(one =>
        optionOf(field.options, one),
      )
      return options.includes(undefined)
        ? { wrong: 'names what is none of its choices' }
        : { text: joinOptions([...new Set(options.filter(one => one !== undefined))]) }
    }
  }
}

/** One of the choices of a field, here or in HubSpot */
export type Choice = Pick<OwnField['options'][number], 'value' | 'label'>

/** The value of the choice that has this value or label, in whichever case. */
export function optionOf(options: readonly Choice[], given: string): string | undefined {
  const wanted = given.trim()
  const lower = wanted.toLowerCase()
  return (
    options.find(option => option.value === wanted) ??
    options.find(option => option.label === wanted) ??
    options.find(option => option.label.trim().toLowerCase() === lower) ??
    options.find(option => option.value.toLowerCase() === lower)
  )?.value
}

/** @returns a choice as people read it: its label where that leads back to it, else the value */
export function labelOf(options: readonly Choice[], value: string): string {
  const label = options.find(option => option.value === value)?.label
  return label !== undefined && optionOf(options, label) === value ? label : value
}

/** @returns a stored value of an own field for a file: choices by their labels */
export function ownText({ type, options }: OwnField, text: string | null): string | null {
  if (text === null) return null
  if (type === 'choice') return labelOf(options, text)
  if (type !== 'choices') return text
  // Semicolons stand between choices, so one within a label would make two of it.
  const labels = splitOptions(text).map(value => {
    const label = labelOf(options, value)
    return label.includes(';') ? value : label
  })
  return joinOptions(labels)
}

/** Ends the value within a sortable text: lower than every character of a value */
const end = '\u0001'
const longestSorted = 60

/**
 * Values beside those of `known` fields, in the form in which lists find and sort them. Each text
 * stands once, so a list can go on after it.
 * @returns nothing for records that never had a value of an own field: most have none
 */
export function derivedOwn(
  id: ObjectId,
  values: Values,
  known: readonly string[],
): { own_index?: OwnIndexDocument } {
  const own = Object.entries(values).filter(([key]) => !known.includes(key))
  if (own.length === 0) return {}
  const own_index: OwnIndexDocument = { sorted: {}, choices: {} }
  for (const [key, text] of own) {
    if (text === null) continue
    own_index.sorted[key] = `${sortable(text)}${end}${id.toHexString()}`
    if (text.includes(';')) own_index.choices[key] = splitOptions(text)
  }
  return { own_index }
}

/** Everything in `own_index.sorted` whose value is this one, or begins with it where it is long. */
export function sortedRange(text: string): { from: string; before: string } {
  const value = sortable(text)
  return { from: `${value}${end}`, before: `${value}\u0002` }
}

/**
 * A text whose order is that of the values: numbers by size before texts, texts whatever their
 * case. Digits of negative numbers are turned round, so that the bigger ones come first.
 */
function sortable(text: string): string {
  const number = canonicalDecimal(text)
  if (number === null) return `t${text.toLowerCase().slice(0, longestSorted).toWellFormed()}`
  const [whole = '', fraction = ''] = number.replace('-', '').split('.')
  const digits = `${whole.padStart(40, '0')}.${fraction}`
  return number.startsWith('-')
    ? `n-${digits.replace(/\d/g, digit => String(9 - Number(digit)))}~`
    : `n0${digits}`
}
