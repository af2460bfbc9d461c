import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { CsvError, parse, type Info } from 'csv-parse'
import { LeadPatch } from '#shared/contracts/leads'
import type { SkippedLine } from '#shared/contracts/operations'
import { leadFields, type LeadField } from '#shared/leads/fields'
import { texts } from '#shared/texts/en'
import { ValidationFailed } from '../errors'
import { withoutFormulaMark } from '../leads/csv'
import type { FieldRule } from '../records/merge-field'
import { ownInput, type OwnField } from '../records/own-values'

/** A line of an imported file that can be tried: the values of its cells that are not empty. */
export interface ImportLine {
  line: number
  input: Omit<LeadPatch, 'revision'>
}

export type ReadLine = ImportLine | SkippedLine

export interface ImportRules {
  own: readonly OwnField[]
  rules: readonly Pick<FieldRule, 'field' | 'direction'>[]
}

/** What a column of the file holds; `null`: it is not imported */
type Column = { field: LeadField } | { own: string } | null

interface Header {
  columns: Column[]
  /** About columns that are not imported; nothing when all are */
  skipped: SkippedLine[]
}

const longestRecord = 100_000
const pieceLength = 64 * 1024
const separators = [',', ';', '\t']
const mostNamed = 20

const refuse = (message: string) => new ValidationFailed([{ path: 'body', message }])
/** `E-mail`, `first_name` and `First name` are found as `email` and `firstName`. */
const plain = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '')

/**
 * @returns the separator that stands most often in the first line, outside of quotes; a first line
 *   that is longer than any record may be is refused later
 */
function separatorOf(text: string): string {
  const [header = ''] = text
    .slice(0, longestRecord)
    .replace(/"[^"]*"/g, '')
    .split(/[\r\n]/, 1)
  const times = (separator: string) => header.split(separator).length
  return separators.reduce((best, one) => (times(one) > times(best) ? one : best))
}

/** @throws {ValidationFailed} no column is known */
function readHeader(names: readonly string[], { own, rules }: ImportRules): Header {
  const known = new Map<string, Exclude<Column, null>>()
  for (const { key, label } of own)
    for (const name of [label, key]) known.set(plain(name), { own: key })
  for (const field of leadFields)
    for (const name of [texts.leads.field[field], field]) known.set(plain(name), { field })
  const taken = new Set<string>()
  const [unknown, twice, fromHubspot]: [string[], string[], string[]] = [[], [], []]
  const columns = names.map(name => {
    const column = known.get(plain(name.trim()))
    if (!column) {
      if (name.trim() !== '') unknown.push(name)
      return null
    }
    const key = 'own' in column ? column.own : column.field
    if (taken.has(key)) {
      twice.push(name)
      return null
    }
    taken.add(key)
    // Such values would stay here and never be sent.
    if (rules.some(rule => rule.field === key && rule.direction === 'in')) {
      fromHubspot.push(name)
      return null
    }
    return column
  })
  if (taken.size === 0)
    throw refuse(`names no known column in its first line, such as ${leadFields.join(', ')}`)
  const about = (what: string, all: string[]) =>
    all.length === 0
      ? []
      : [
          `${what}: ${all
            .slice(0, mostNamed)
            .map(one => one.trim().slice(0, 100))
            .join(', ')}.`,
        ]
  const why = [
    ...about('Unknown columns, not imported', unknown),
    ...about('Named twice, imported once', twice),
    ...about('Changed in HubSpot only, not imported', fromHubspot),
  ].join(' ')
  return { columns, skipped: why === '' ? [] : [{ line: 1, why }] }
}

/** One line's cells by the contract's names, or why they cannot be taken. */
function readLine(
  line: number,
  cells: readonly string[],
  { columns }: Header,
  own: readonly OwnField[],
): ReadLine {
  if (cells.slice(columns.length).some(cell => cell.trim() !== ''))
    return { line, why: 'It has more cells than the first line.' }
  const values: Partial<Record<LeadField, string>> = {}
  const fields: Record<string, string> = {}
  for (const [index, column] of columns.entries()) {
    const text = withoutFormulaMark(cells[index] ?? '')
    if (column === null || text.trim() === '') continue
    if ('own' in column) fields[column.own] = text
    else values[column.field] = text
  }
  const hasOwn = Object.keys(fields).length > 0
  const read = LeadPatch.omit({ revision: true }).safeParse({
    ...values,
    ...(hasOwn ? { fields } : {}),
  })
  const issues = read.success
    ? ownInput(own, read.data.fields).issues
    : read.error.issues.map(issue => ({ path: issue.path.join('.'), message: issue.message }))
  if (!read.success || issues.length > 0)
    return { line, why: issues.map(({ path, message }) => `${path}: ${message}.`).join(' ') }
  return { line, input: read.data }
}

/**
 * Reads an imported file line by line: UTF-8, the separator of its first line, names of fields or
 * their labels there. What is in memory beside the file does not grow with it, but for its
 * addresses.
 * @returns each line that is not empty; line 1 where columns are not imported
 * @throws {ValidationFailed} not UTF-8, no known column, a quote that is never closed
 */
export async function* readImportFile(
  bytes: Uint8Array,
  { own, rules }: ImportRules,
): AsyncGenerator<ReadLine, void> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse('is not UTF-8 text')
  }
  if (text.trim() === '') throw refuse('is empty')
  let header: Header | null = null
  let [lines, empty] = [0, 0]
  const firstLineOf = new Map<string, number>()
  try {
    for await (const { record, info } of records(text)) {
      const line = lines + (info.empty_lines - empty) + 1
      lines = info.lines
      empty = info.empty_lines
      if (header === null) {
        header = readHeader(record, { own, rules })
        yield* header.skipped
        continue
      }
      if (record.every(cell => cell.trim() === '')) continue
      const read = readLine(line, record, header, own)
      const email = 'input' in read ? read.input.email : null
      const first = email ? firstLineOf.get(email) : undefined
      if (email && first === undefined) firstLineOf.set(email, line)
      yield first === undefined ? read : { line, why: `Line ${first} has the same e-mail address.` }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw refuse(`cannot be read as CSV: ${wrongOf(error, lines + 1)}`)
  }
}

const wrongOf = ({ code }: CsvError, line: number) =>
  code === 'CSV_QUOTE_NOT_CLOSED'
    ? `a quote in line ${line} or later is never closed`
    : code === 'CSV_MAX_RECORD_SIZE'
      ? `line ${line} is too long`
      : `line ${line} is not valid`

async function* records(text: string): AsyncGenerator<{ record: string[]; info: Info }, void> {
  const parser = Readable.from(pieces(text)).pipe(
    parse({
      delimiter: separatorOf(text),
      record_delimiter: ['\r\n', '\n', '\r'],
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: longestRecord,
    }),
  )
  for await (const record of parser) yield record as { record: string[]; info: Info }
}

/** A large file must not keep the process from answering others. */
async function* pieces(text: string): AsyncGenerator<string, void> {
  for (let start = 0; start < text.length; start += pieceLength) {
    yield text.slice(start, start + pieceLength)
    await turn()
  }
}
