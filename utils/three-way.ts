/** Which sides moved away from what both last agreed on; `equal`: both hold the same. */
type Moved = 'equal' | 'ours' | 'theirs' | 'both'

/**
 * The question that a three-way merge begins with: the sync asks it of a field
 * (`server/records/merge-field.ts`), a form of a record that changes while somebody types.
 * @param agreed what both sides last held
 */
export function whoMoved(agreed: string, ours: string, theirs: string): Moved {
  if (ours === theirs) return 'equal'
  const [oursMoved, theirsMoved] = [ours !== agreed, theirs !== agreed]
  if (oursMoved && theirsMoved) return 'both'
  return oursMoved ? 'ours' : 'theirs'
}
