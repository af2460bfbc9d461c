import type { Field, OwnValue } from '#shared/contracts/fields'

const storedPrefix = 'fields.'
/** What an own field is called beside the built-in ones: in columns, forms and answers. */
export const storedName = (key: string) => `${storedPrefix}${key}`
/** @returns the own field's key, or `null` for a built-in field */
export const keyOfStored = (name: string) =>
  name.startsWith(storedPrefix) ? name.slice(storedPrefix.length) : null

/** A number as it was typed: spaces around it do not count, and nothing is no number. */
export function canonicalNumber(value: OwnValue): OwnValue {
  if (typeof value !== 'string') return value
  const text = value.trim()
  return text === '' ? null : text
}

/** An instant as a field of the browser's own shows it, in the reader's time zone. */
export function toLocalInput(instant: OwnValue): string {
  const at = typeof instant === 'string' ? new Date(instant) : null
  if (!at || Number.isNaN(at.getTime())) return ''
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

/** @param text as `toLocalInput` writes it @returns the instant, or `null` for none */
export function fromLocalInput(text: string): string | null {
  const at = text === '' ? null : new Date(text)
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : null
}

/** How values are written for a reader. */
export interface ValueWords {
  day: (day: string) => string
  instant: (instant: string) => string
  yes: string
  no: string
}

/**
 * A stored text of an own field, or of a HubSpot property, as people read it. What fits no type is
 * shown as it is.
 */
export function readableValue(
  { type, options }: Pick<Field, 'type' | 'options'>,
  text: string,
  words: ValueWords,
): string {
  const label = (value: string) => options.find(option => option.value === value)?.label ?? value
  switch (type) {
    case 'choice':
      return label(text)
    case 'choices':
      return text.split(';').filter(Boolean).map(label).join(', ')
    case 'boolean':
      return text === 'true' ? words.yes : text === 'false' ? words.no : label(text)
    case 'date':
      return /^\d{4}-\d{2}-\d{2}/.test(text) ? words.day(text.slice(0, 10)) : text
    case 'datetime':
      return Number.isNaN(Date.parse(text)) ? text : words.instant(text)
    case 'number':
    case 'text':
      return text
  }
}
