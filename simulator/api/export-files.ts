import { objectTypes, type ObjectType } from '../data/object-types'
import type { PropertyDefinition } from '../data/properties'
import type { Portal } from '../store/portal'
import type { RecordView } from '../store/record'
import { zip } from '../zip'

export interface ExportOptions {
  name: string
  type: ObjectType
  properties: readonly PropertyDefinition[]
  /** Kinds whose tied records are named by id in a column each */
  associated: readonly ObjectType[]
  /** Property names as titles, and values of options as they are stored: not their labels */
  internal: { names: boolean; values: boolean }
  rowsPerFile: number
}

const cell = (value: string) =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
const line = (cells: readonly string[]) => `${cells.map(cell).join(',')}\r\n`

function shownValue({ options }: PropertyDefinition, value: string | null): string {
  if (value === null) return ''
  return value
    .split(';')
    .map(part => options.find(option => option.value === part)?.label ?? part)
    .join(';')
}

/** The records as CSV; several files of it come as one archive. */
export function exportFile(
  portal: Portal,
  records: readonly RecordView[],
  { name, type, properties, associated, internal, rowsPerFile }: ExportOptions,
) {
  const title = line([
    'Record ID',
    ...properties.map(property => (internal.names ? property.name : property.label)),
    ...associated.map(other => `Associated ${objectTypes[other].singular} IDs`),
  ])
  const row = (record: RecordView) =>
    line([
      record.id,
      ...properties.map(property => {
        const value = record.value(property.name)
        return internal.values ? (value ?? '') : shownValue(property, value)
      }),
      ...associated.map(other => portal.associated(type, record.index, other).join(';')),
    ])
  const parts: Buffer[] = []
  for (let from = 0; from === 0 || from < records.length; from += rowsPerFile) {
    const rows = records.slice(from, from + rowsPerFile).map(row)
    parts.push(Buffer.from(title + rows.join('')))
  }
  const base = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
  const [only] = parts
  const file =
    only && parts.length === 1
      ? ({ name: `${base}.csv`, type: 'text/csv', content: only } as const)
      : ({
          name: `${base}.zip`,
          type: 'application/zip',
          content: zip(
            parts.map((content, index) => ({ name: `${base}-${index + 1}.csv`, content })),
          ),
        } as const)
  return { rows: records.length, file }
}
