import type { ObjectType } from './core'
import { at, fail, type Field, type Sight } from './fields'
import type { AnyRecord, Id } from './store'

interface Lineages {
  fields: Record<ObjectType, Field[]>
  settled: Record<ObjectType, number[]>
  sightOf(record: AnyRecord): Sight
  typeOf(record: AnyRecord): ObjectType
  explain(type: ObjectType, index: number, bits: number): void
  forget(id: Id): void
}

/** Where two records of ours turn out to be one: what becomes of the edits of each. */
export function mergesOf({ fields, settled, sightOf, typeOf, explain, forget }: Lineages) {
  return {
    /**
     * Records of ours are one, and the others go.
     * @param keeper as it was
     * @param next as it is
     */
    carried(keeper: AnyRecord, next: AnyRecord, others: readonly AnyRecord[]): void {
      const type = typeOf(keeper)
      const sight = sightOf(next)
      for (const field of fields[type]) {
        const { index } = field
        const [kept, after] = [field.ours(keeper), field.ours(next)]
        if (after !== kept && !others.some(other => field.ours(other) === after))
          fail(field, 'a value from nowhere', { kept, after })
        const own = at(sight.seen, index) & ~at(sight.known, index)
        if (after !== kept && own !== 0 && kept !== (sight.base[index] ?? null))
          fail(field, 'a merge overwrote the edit of the record that stays', { kept, after })
        for (const other of others) {
          const gone = sightOf(other)
          const theirs = field.ours(other)
          const pending = at(gone.seen, index) & ~at(gone.known, index) & ~at(settled[type], index)
          const isEdited =
            pending !== 0 && field.direction !== 'in' && theirs !== (gone.base[index] ?? null)
          const isKeeperEdited = after !== (sight.base[index] ?? null)
          if (isEdited && !isKeeperEdited && after !== theirs)
            fail(field, 'a merge lost an edit', { kept, theirs, base: gone.base[index] })
          if (after === theirs && after === kept && !(isEdited && !isKeeperEdited))
            sight.seen[index] = at(sight.seen, index) | at(gone.seen, index)
          else if (after === theirs) {
            sight.seen[index] = at(gone.seen, index)
            sight.known[index] = at(gone.known, index)
            if (field.direction !== 'out') sight.base[index] = gone.base[index] ?? null
            sight.setAt[index] = at(gone.setAt, index)
          } else explain(type, index, at(gone.seen, index) & ~at(sight.seen, index))
        }
      }
    },

    /**
     * A record takes over the copy that its create's object came in as: each side's edits since the
     * create stay, and of two edits of one field one does.
     */
    copied(
      waiting: AnyRecord,
      next: AnyRecord,
      copy: AnyRecord,
      sent: Record<string, string>,
    ): void {
      const type = typeOf(waiting)
      const [sight, gone] = [sightOf(waiting), sightOf(copy)]
      // Taken over before, and a kill came before the copy was gone.
      const isTaken = waiting.create_intent?.object_id === copy.hubspot_id
      for (const field of fields[type]) {
        const { index, direction } = field
        const [own, theirs, after] = [field.ours(waiting), field.ours(copy), field.ours(next)]
        const begun = isTaken
          ? (sight.base[index] ?? null)
          : field.property in sent
            ? field.theirs(sent)
            : null
        const isOwn =
          direction !== 'in' && own !== begun && !(own === null && field.name === 'stage')
        const isTheirs = direction !== 'in' && theirs !== (gone.base[index] ?? null)
        const detail = { own, theirs, after, begun, base: gone.base[index] }
        if (after !== own && after !== theirs) fail(field, 'a value from nowhere', detail)
        // An outbound value never came in with the copy, and what HubSpot lacks is no value.
        const isUnsaid = !isTheirs && (direction === 'out' || (theirs === null && begun === null))
        if ((isUnsaid || (isOwn && !isTheirs)) && after !== own)
          fail(field, 'a copy overwrote an edit', detail)
        if (!isUnsaid && !isOwn && after !== theirs)
          fail(field, 'an edit of a copy was lost', detail)
        sight.known[index] = at(gone.known, index)
        sight.remote[index] = gone.remote[index]
        sight.remoteSetAt[index] = at(gone.remoteSetAt, index)
        if (after === theirs) {
          if (isOwn && own !== theirs)
            explain(type, index, at(sight.seen, index) & ~at(gone.seen, index))
          sight.seen[index] = at(sight.seen, index) | at(gone.seen, index)
          sight.base[index] = gone.base[index]
          sight.setAt[index] = at(gone.setAt, index)
        } else {
          explain(type, index, isTheirs ? at(gone.seen, index) & ~at(sight.seen, index) : 0)
          sight.base[index] = begun
        }
      }
    },

    /** What the linked record of two lacks and the other has is filled in; the rest goes. */
    filled(keeper: AnyRecord, next: AnyRecord, other: AnyRecord): void {
      const type = typeOf(keeper)
      const [sight, gone] = [sightOf(next), sightOf(other)]
      for (const field of fields[type]) {
        const { index } = field
        const isFilled = field.ours(keeper) === null && field.ours(next) !== null
        if (isFilled) {
          sight.seen[index] = at(sight.seen, index) | at(gone.seen, index)
          sight.setAt[index] = at(gone.setAt, index)
        } else explain(type, index, at(gone.seen, index) & ~at(sight.seen, index))
      }
      forget(other._id)
    },
  }
}
