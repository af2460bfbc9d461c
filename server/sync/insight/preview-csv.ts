import type { Preview, PreviewSample } from '#shared/contracts/insight'
import { byteOrderMark, csvLine } from '../../leads/csv'

const columns = [
  'object',
  'direction',
  'action',
  'record',
  'hubspotId',
  'field',
  'now',
  'after',
  'why',
]
type Kind = 'contacts' | 'deals'

export interface PreviewCsvWords {
  objects: Readonly<Record<Kind, string>>
  directions: Readonly<Record<PreviewSample['direction'], string>>
  actions: Readonly<Record<PreviewSample['action'], string>>
  field: (kind: Kind, field: string) => string
  /** A value of a field as people read it */
  value: (kind: Kind, field: string, value: string | null) => string | null
  /** What is missing of a preview that was cut short */
  partial: (kind: Kind, examined: string) => string
}

/**
 * A preview as CSV: a line for each value that would change, one for a record without such. What was
 * not looked at is said in the first lines.
 * @param preview with all changes as samples
 * @returns lines of CSV, the first one with the columns
 */
export async function* previewLines(
  preview: Preview,
  words: PreviewCsvWords,
): AsyncGenerator<string, void> {
  yield `${byteOrderMark}${csvLine(columns)}`
  const kinds = ['contacts', 'deals'] as const
  for (const kind of kinds) {
    const { complete, examined } = preview[kind]
    if (!complete)
      yield csvLine([
        words.objects[kind],
        ...Array<null>(7).fill(null),
        words.partial(kind, String(examined)),
      ])
  }
  for (const kind of kinds)
    for (const { direction, action, label, hubspotId, changes, why } of preview[kind].samples) {
      const record = [
        words.objects[kind],
        words.directions[direction],
        words.actions[action],
        label,
        hubspotId,
      ]
      if (changes.length === 0) yield csvLine([...record, null, null, null, why])
      for (const { field, from, to } of changes) {
        const [now, after] = [from, to].map(value => words.value(kind, field, value))
        yield csvLine([...record, words.field(kind, field), now ?? null, after ?? null, why])
      }
    }
}
