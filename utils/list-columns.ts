import type { Field } from '#shared/contracts/fields'
import type { Deal, Lead } from '#shared/contracts/leads'
import { dealSorts, leadSorts } from '#shared/leads/fields'
import { texts } from '#shared/texts/en'
import { storedName } from './own-values'

type Kind = 'lead' | 'deal'
type AnyRecord = Lead | Deal

/** How a column's values are shown and edited. */
export type CellKind =
  | 'text'
  | 'email'
  | 'tel'
  | 'number'
  | 'amount'
  | 'date'
  | 'instant'
  | 'lifecycle'
  | 'stage'
  | 'choice'
  | 'choices'
  | 'owner'
  | 'pipeline'
  | 'hubspotStage'
  | 'leads'
  | 'sync'
  | 'hubspot'

export interface ListColumn {
  /** A field's name; `fields.<key>` for a field that an admin added */
  key: string
  label: string
  cell: CellKind
  /** What the list is sorted by; `null`: not by this */
  sort: string | null
  /** Values can be changed in the list, as far as the field mapping allows */
  editable: boolean
  /** The field that an admin added */
  own: Field | null
}

const words = texts.leads

type Plain = readonly [key: string, label: string, cell: CellKind, editable?: boolean]
const leadColumns: readonly Plain[] = [
  ['email', words.field.email, 'email', true],
  ['company', words.field.company, 'text', true],
  ['phone', words.field.phone, 'tel', true],
  ['firstName', words.field.firstName, 'text', true],
  ['lastName', words.field.lastName, 'text', true],
  ['jobTitle', words.field.jobTitle, 'text', true],
  ['lifecycleStage', words.field.lifecycleStage, 'lifecycle', true],
]
const dealColumns: readonly Plain[] = [
  ['amount', words.dealField.amount, 'amount', true],
  ['stage', words.stage, 'stage', true],
  ['closeDate', words.dealField.closeDate, 'date', true],
  ['hubspotPipelineId', texts.lists.columns.pipeline, 'pipeline'],
  ['hubspotStageId', texts.lists.columns.hubspotStage, 'hubspotStage'],
  ['leadIds', words.columns.leads, 'leads'],
]
const sharedColumns: readonly Plain[] = [
  ['hubspotOwnerId', texts.lists.columns.owner, 'owner'],
  ['createdAt', texts.lists.columns.created, 'instant'],
  ['updatedAt', words.columns.updated, 'instant'],
]
const lastColumns: readonly Plain[] = [
  ['syncState', words.columns.sync, 'sync'],
  ['hubspot', words.columns.hubspot, 'hubspot'],
]
const sorts: Record<Kind, readonly string[]> = { lead: leadSorts, deal: dealSorts }

const ownCells: Record<Field['type'], CellKind> = {
  text: 'text',
  number: 'number',
  date: 'date',
  datetime: 'instant',
  boolean: 'choice',
  choice: 'choice',
  choices: 'choices',
}

/** Columns that everybody sees who has chosen none, beside the name. */
export const usualColumns: Record<Kind, readonly string[]> = {
  lead: ['email', 'company', 'phone', 'syncState', 'hubspot'],
  deal: ['amount', 'stage', 'closeDate', 'syncState', 'hubspot'],
}

/** @returns all columns that a list can have beside the name, in their order */
export function columnsOf(kind: Kind, own: readonly Field[]): ListColumn[] {
  const plain = (columns: readonly Plain[]) =>
    columns.map(([key, label, cell, editable = false]): ListColumn => ({
      key,
      label,
      cell,
      sort: sorts[kind].includes(key) ? key : null,
      editable,
      own: null,
    }))
  return [
    ...plain(kind === 'lead' ? leadColumns : dealColumns),
    ...own
      .filter(field => field.object === kind)
      .map((field): ListColumn => ({
        key: storedName(field.key),
        label: field.label,
        cell: ownCells[field.type],
        sort: field.type === 'choices' ? null : field.key,
        editable: field.direction !== 'in' && field.type !== 'choices' && field.type !== 'datetime',
        own: field,
      })),
    ...plain(sharedColumns),
    ...plain(lastColumns),
  ]
}

/** @param keys chosen by somebody; `null`: the usual ones. Unknown ones are left out. */
export function chosenColumns(
  kind: Kind,
  own: readonly Field[],
  keys: readonly string[] | null,
): ListColumn[] {
  const chosen = new Set(keys ?? usualColumns[kind])
  return columnsOf(kind, own).filter(({ key }) => chosen.has(key))
}

export const isNumeric = ({ cell }: ListColumn) => cell === 'amount' || cell === 'number'

/** What can be chosen of a field that an admin added. */
export function choicesOf(field: Field): { value: string; label: string }[] {
  return field.type === 'boolean'
    ? [
        { value: 'true', label: words.own.yes },
        { value: 'false', label: words.own.no },
      ]
    : field.options
}

/** @returns a record's value of a column as text, `null` for none */
export function textOf(record: AnyRecord, { key, own }: ListColumn): string | null {
  const value: unknown = own ? record.fields[own.key] : (record as Record<string, unknown>)[key]
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? value.join(';') : String(value)
}

/** @returns the change of one column's value, as the API takes it and as a record shows it */
export function changeOf(
  record: AnyRecord,
  { key, own }: ListColumn,
  value: string | null,
): { patch: Record<string, unknown>; shown: Record<string, unknown> } {
  if (!own) return { patch: { [key]: value }, shown: { [key]: value } }
  const taken = own.type === 'boolean' && value !== null ? value === 'true' : value
  return {
    patch: { fields: { [own.key]: taken } },
    shown: { fields: { ...record.fields, [own.key]: taken } },
  }
}
