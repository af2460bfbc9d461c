/** Excel reads UTF-8 as such only behind this mark. */
export const byteOrderMark = '\uFEFF'

/**
 * What a spreadsheet takes for the beginning of a formula: the signs themselves, their full-width
 * forms, and white space that is thrown away before looking (docs/security-checklist.md#b37, OWASP
 * CSV injection).
 */
const formula = /^[=+\-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20]/
/** A plain number or telephone number begins with a sign as well, and can call no function. */
const plainNumber = /^[+-][\d(][\d ().-]*$/
/** Also the separators of other locales: a semicolon must not begin a cell of its own there. */
const needsQuotes = /[",;\t\r\n]|^\s|\s$/

/**
 * One cell: text that would count as a formula gets a leading apostrophe; quoted where it has to be
 * (RFC 4180).
 */
function cell(value: string | null): string {
  const text = value ?? ''
  const safe = formula.test(text) && !plainNumber.test(text) ? `'${text}` : text
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** @returns one record with its line end (RFC 4180: CRLF) */
export function csvLine(values: readonly (string | null)[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

/** Takes away the apostrophe that an export puts before what would count as a formula. */
export function withoutFormulaMark(text: string): string {
  const inner = text.slice(1)
  return text.startsWith("'") && formula.test(inner) && !plainNumber.test(inner) ? inner : text
}
