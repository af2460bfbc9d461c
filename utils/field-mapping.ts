import type { FieldMappingEntry } from '#shared/contracts/mapping'

type Place = Pick<FieldMappingEntry, 'object' | 'field'>
type Entries = readonly FieldMappingEntry[]

export const fieldKey = (entry: Place) => `${entry.object}.${entry.field}`

const say = (entry: FieldMappingEntry | undefined) =>
  entry ? `${entry.property}/${entry.direction}/${entry.policy}` : ''
const byKey = (entries: Entries) => new Map(entries.map(entry => [fieldKey(entry), entry]))

/** @returns the keys of the fields whose mapping differs */
function changedKeys(saved: Entries, current: Entries): string[] {
  const before = byKey(saved)
  const after = byKey(current)
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    key => say(before.get(key)) !== say(after.get(key)),
  )
}

/** @returns in how many fields two mappings differ */
export const countFieldChanges = (saved: Entries, current: Entries): number =>
  changedKeys(saved, current).length

/**
 * What was changed in a draft, made again on the mapping as the server has it now: what others
 * added, changed or ended meanwhile stays, unless the draft changes the same field.
 * @param saved what the draft began with
 */
export function rebaseFields(saved: Entries, draft: Entries, fresh: Entries): FieldMappingEntry[] {
  const changed = new Set(changedKeys(saved, draft))
  const wanted = draft.filter(entry => changed.has(fieldKey(entry)))
  const taken = byKey(wanted)
  return [
    ...fresh.flatMap(entry => {
      const key = fieldKey(entry)
      if (!changed.has(key)) return [entry]
      const own = taken.get(key)
      taken.delete(key)
      return own ? [own] : []
    }),
    ...taken.values(),
  ]
}
