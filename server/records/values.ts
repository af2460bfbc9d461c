import { dayOf, instantOf, noonOf } from './days'
import type { FieldKind } from './fields'

/** What decides how a value is converted. */
export interface ValueRule {
  kind: FieldKind
  /** HubSpot's type of the property (docs/hubspot-platform.md#schema) */
  type: string
  /** IANA name of the account's time zone: days of `datetime` properties are read in it */
  zone: string
}

/**
 * Amounts of ours: at most this many digits before and after the point (`Money` of the contract).
 */
const maxWholeDigits = 15
const maxFractionDigits = 6

/**
 * HubSpot's text as a value of ours. HubSpot holds everything as text, and the empty text for "no
 * value".
 * @param rule what our field holds, and which property it comes from
 * @param text HubSpot's text
 * @returns our value; `null` for no value; `undefined` when the text cannot be a value of this kind
 */
export function fromHubspot(rule: ValueRule, text: string | null): string | null | undefined {
  const trimmed = tidy(text)
  if (trimmed === null) return null
  switch (rule.kind) {
    case 'email':
      return trimmed.toLowerCase()
    case 'currency':
      return trimmed.toUpperCase()
    case 'amount':
      return toAmount(trimmed)
    case 'day':
      return dayOf(trimmed, zoneOf(rule))
    case 'instant':
      return toInstant(trimmed)
    case 'boolean':
      return toBoolean(trimmed)
    case 'options':
      return joinOptions(splitOptions(trimmed))
    case 'text':
    case 'phone':
    case 'choice':
    case 'option':
      return trimmed
  }
}

/** HubSpot's text as a person is shown it: a value of ours, or the text where nobody can read it. */
export function shownValue(rule: ValueRule, text: string | null): string | null {
  const value = fromHubspot(rule, text)
  return value === undefined ? text : value
}

/**
 * Our value as HubSpot's text.
 * @param rule what our field holds, and which property it goes to
 * @param value our value
 * @returns the text to write; the empty text clears a property
 */
export function toHubspot(rule: ValueRule, value: string | null): string {
  if (value === null) return ''
  return isZoned(rule) ? noonOf(value, rule.zone) : value
}

/**
 * Whether two values mean the same, so that no write is needed between them: amounts by number,
 * e-mail addresses whatever their case, telephone numbers whatever their punctuation (HubSpot
 * formats them again).
 */
export function sameValue(rule: ValueRule, one: string | null, other: string | null): boolean {
  return one === other || comparable(rule, one) === comparable(rule, other)
}

function comparable(rule: ValueRule, value: string | null): string | null {
  const trimmed = tidy(value)
  if (trimmed === null) return null
  switch (rule.kind) {
    case 'email':
    case 'choice':
      return trimmed.toLowerCase()
    case 'currency':
      return trimmed.toUpperCase()
    case 'amount':
      return canonicalDecimal(trimmed) ?? trimmed
    case 'phone':
      return comparablePhone(trimmed)
    case 'day':
      // A day that the zone left out stands for the one that it is written as.
      return isZoned(rule) ? (dayOf(noonOf(trimmed, rule.zone), rule.zone) ?? trimmed) : trimmed
    case 'options':
      return splitOptions(trimmed).sort().join(';')
    case 'instant':
      return toInstant(trimmed) ?? trimmed
    case 'text':
    case 'boolean':
    case 'option':
      return trimmed
  }
}

/** Whether the value is a day that HubSpot holds as an instant. */
export const isZoned = ({ kind, type }: ValueRule): boolean => kind === 'day' && type === 'datetime'

/** Midnight UTC is the whole meaning of a `date` property, whatever the account's zone. */
const zoneOf = (rule: ValueRule) => (isZoned(rule) ? rule.zone : 'UTC')

/** Several choices travel with semicolons between them (docs/hubspot-platform.md#schema). */
export function splitOptions(text: string | null): string[] {
  const options = (text ?? '').split(';').map(option => option.trim())
  return [...new Set(options.filter(option => option !== ''))]
}

/** @returns several choices as one text, `null` for none */
export function joinOptions(options: readonly string[]): string | null {
  return options.length === 0 ? null : options.join(';')
}

/**
 * White space around a value and the empty value carry no meaning. The engine cannot hold lone
 * surrogates, so they are replaced.
 */
function tidy(text: string | null): string | null {
  if (text === null) return null
  const trimmed = text.replaceAll('\u0000', '').toWellFormed().trim()
  return trimmed === '' ? null : trimmed
}

function comparablePhone(text: string): string {
  const digits = text.replace(/[^\d+]/g, '')
  // Words such as "ext. 12" or no digits at all: compared as they stand.
  return digits === '' || /[a-z]/i.test(text) ? text.toLowerCase() : digits
}

/**
 * A decimal number without exponent, leading or trailing zeros, or `null` when the text is no
 * number.
 */
export function canonicalDecimal(text: string): string | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? []
  if (!match || whole + fraction === '') return null
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = point <= 0 ? 1 : point
  const integer = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  const rest = padded.slice(at).replace(/0+$/, '')
  const number = rest === '' ? integer : `${integer}.${rest}`
  return sign === '-' && /[1-9]/.test(number) ? `-${number}` : number
}

/**
 * Keeps the way HubSpot writes the amount (`1200.50`) where it fits our contract; numbers of
 * another form become plain decimals.
 */
function toAmount(text: string): string | undefined {
  if (/^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/.test(text) && !/^-0(\.0+)?$/.test(text)) return text
  const canonical = canonicalDecimal(text)
  if (canonical === null) return undefined
  const rounded = roundFraction(canonical)
  const whole = rounded.replace(/^-/, '').split('.')[0] ?? ''
  return whole.length > maxWholeDigits ? undefined : rounded
}

/**
 * Rounds half away from zero to the fraction digits that an amount may have; by digits, so that
 * nothing passes through binary floating point.
 */
function roundFraction(decimal: string): string {
  const [whole = '0', fraction = ''] = decimal.split('.')
  if (fraction.length <= maxFractionDigits) return decimal
  const negative = whole.startsWith('-')
  const scaled =
    BigInt(whole.replace('-', '') + fraction.slice(0, maxFractionDigits)) +
    (Number(fraction[maxFractionDigits]) >= 5 ? 1n : 0n)
  const digits = scaled.toString().padStart(maxFractionDigits + 1, '0')
  return (
    canonicalDecimal(
      `${negative ? '-' : ''}${digits.slice(0, -maxFractionDigits)}.${digits.slice(-maxFractionDigits)}`,
    ) ?? decimal
  )
}

/** HubSpot hands out instants as ISO 8601 or as epoch milliseconds; ours are ISO 8601 in UTC. */
function toInstant(text: string): string | undefined {
  const at = instantOf(text)
  return at === undefined ? undefined : new Date(at).toISOString()
}

/** HubSpot's `bool` is the text `true` or `false`. */
function toBoolean(text: string): string | undefined {
  const lower = text.toLowerCase()
  return lower === 'true' || lower === 'false' ? lower : undefined
}
