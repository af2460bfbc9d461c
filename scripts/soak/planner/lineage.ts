import type { ObjectType } from './core'
import { at, fail, fieldsOf, isUnmapped, newSight, type Losses, type Sight } from './fields'
import type { Arrival, HubspotObject } from './hubspot'
import { mergesOf } from './lineage-merges'
import { policyOf } from './lineage-policy'
import type { Settings } from './rules'
import type { AnyRecord, Id } from './store'

const mostEdits = 30

/**
 * Follows each value from edit to edit on both sides, apart from the production code, so that each
 * overwritten value can be held against what was known, both sides and the policy.
 */
export function createLineage(settings: Settings) {
  const sights = new Map<Id, Sight>()
  const fields = fieldsOf(settings)
  const edits: Record<ObjectType, number[]> = {
    contacts: fields.contacts.map(() => 0),
    deals: fields.deals.map(() => 0),
  }
  /** Edits whose end has been explained */
  const settled: Record<ObjectType, number[]> = {
    contacts: fields.contacts.map(() => 0),
    deals: fields.deals.map(() => 0),
  }
  const losses: Losses = { policy: 0, raced: 0, unanswered: 0 }

  const typeOf = (record: AnyRecord): ObjectType => ('lead_ids' in record ? 'deals' : 'contacts')

  function sightOf(record: AnyRecord): Sight {
    const known = sights.get(record._id)
    if (known) return known
    const sight = newSight(fields[typeOf(record)].length)
    sights.set(record._id, sight)
    return sight
  }

  function forget(id: Id): void {
    sights.delete(id)
  }

  function explain(type: ObjectType, index: number, bits: number): void {
    settled[type][index] = at(settled[type], index) | bits
  }

  const { assertRecorded, assertMet, meet } = policyOf({ losses, sightOf, typeOf, explain })

  return {
    fields,
    losses,
    settled,
    sightOf,
    typeOf,
    forget,
    explain,

    /** @returns the bit of a new edit, or 0 when this field has had too many in this history */
    newEdit(type: ObjectType, index: number): number {
      const number = at(edits[type], index)
      if (number >= mostEdits) return 0
      edits[type][index] = number + 1
      return 1 << number
    },

    /** A person's edit was stored here: it may be what HubSpot has already. */
    edited(record: AnyRecord): void {
      const sight = sightOf(record)
      for (const field of fields[typeOf(record)]) {
        const { index } = field
        if (sight.remote[index] === undefined || sight.remote[index] !== field.ours(record))
          continue
        sight.seen[index] = at(sight.seen, index) | at(sight.known, index)
        sight.base[index] = sight.remote[index]
      }
    },

    /**
     * An object is taken for what a create of this record made: what was sent is agreed. What came
     * with a copy that it took over before was met then, and the policy may decide it now.
     */
    found(before: AnyRecord, next: AnyRecord, sent: Record<string, string>): void {
      const sight = sightOf(next)
      for (const field of fields[typeOf(next)]) {
        const { index, property } = field
        const isSent = property in sent
        if (!isSent && before.remote && Object.hasOwn(before.remote, property)) {
          meet(field, before, next)
          continue
        }
        sight.known[index] = 0
        sight.base[index] = isSent ? field.theirs(sent) : undefined
      }
    },

    /**
     * HubSpot's object arrived, and this is what it made of our record.
     * @param only the properties that were looked at; all unless given
     */
    arrived(
      before: AnyRecord | undefined,
      next: AnyRecord,
      arrival: Arrival,
      only?: Record<string, string>,
    ): void {
      const type = typeOf(next)
      const sight = sightOf(next)
      // Another object than before, or none: nothing was ever agreed with this one, except by a
      // create of this very record, or with the object that it was before.
      if (before && before.hubspot_id !== arrival.id && !only) forgetAgreed(before, sight, arrival)
      for (const field of fields[type]) {
        const { index, direction, policy } = field
        if (only && !(field.property in only)) continue
        const remote = field.theirs(arrival.properties)
        const ours = before ? field.ours(before) : null
        const after = field.ours(next)
        const [seen, news] = [
          at(arrival.seen, index),
          at(arrival.seen, index) & ~at(sight.known, index),
        ]
        const own = before?.sending?.sent[field.property]
        // Our own update, whose answer is not there yet: what it brought is agreed.
        if (own !== undefined && field.theirs({ [field.property]: own || null }) === remote)
          sight.base[index] = remote
        const base = sight.base[index]
        const local = at(sight.seen, index)
        if (after !== ours && after !== remote)
          fail(field, 'a value from nowhere', { ours, remote, after })
        if (after !== ours) {
          const detail = { direction, policy, base, ours, remote }
          if (before && direction === 'out') fail(field, 'HubSpot wrote an outbound field', detail)
          if (policy === 'fill_if_empty' && ours !== null)
            fail(field, 'HubSpot filled what was not empty', detail)
          const lost = local & ~seen & ~at(settled[type], index)
          // A write of ours that was under way may have set an earlier value once more.
          const isOlder = news === 0 && at(arrival.setAt, index) <= at(sight.remoteSetAt, index)
          if (before && ours !== null && (isOlder || lost !== 0)) {
            if (isOlder) fail(field, 'an older value of HubSpot overwrote a newer one', detail)
            if (base === undefined && remote === null && news !== 0)
              fail(field, 'a missing value overwrote one, though nothing was agreed', detail)
            if (ours !== (base ?? null) && news !== 0) {
              if (direction === 'both') {
                if (policy === 'local_wins') fail(field, 'HubSpot won against the policy', detail)
                if (policy === 'latest_wins' && at(arrival.setAt, index) < at(sight.setAt, index))
                  fail(field, 'the earlier value of HubSpot won', detail)
              }
              if ((news & ~local) === 0) losses.unanswered += 1
              else losses.policy += 1
              assertRecorded(field, next, {
                from: ours,
                rule: direction === 'in' ? 'inbound_only' : policy,
              })
            }
            explain(type, index, lost)
          }
        }
        if (before && after !== ours && next.revision <= before.revision)
          fail(field, 'changed, and the revision did not', { ours, after })
        sight.known[index] = at(sight.known, index) | seen
        sight.remote[index] = remote
        sight.remoteSetAt[index] = at(arrival.setAt, index)
        if (after === remote) {
          sight.seen[index] = local | seen
          if (!(remote === null && isUnmapped(field, arrival.properties)))
            sight.base[index] = remote
        }
      }
    },

    /**
     * HubSpot is about to take a write of ours.
     * @param sight as it was when the write was worked out
     * @param lookedAt when the object was looked at before
     */
    writing(
      type: ObjectType,
      object: HubspotObject,
      properties: Record<string, string>,
      sight: Sight,
      lookedAt: number,
    ): void {
      for (const field of fields[type]) {
        const { index, direction, policy } = field
        const text = properties[field.property]
        if (text === undefined) continue
        const sent = field.theirs({ [field.property]: text === '' ? null : text })
        const theirs = field.theirs(object.properties)
        const detail = { direction, policy, base: sight.base[index], theirs, sent }
        if (direction === 'in') fail(field, 'an inbound field was written', detail)
        if ((at(sight.seen, index) & ~at(sight.known, index)) === 0) {
          if (sight.base[index] === sent)
            fail(field, 'what came from HubSpot was written back', detail)
          // Our own write without an answer: nobody knows that HubSpot has had the value.
          losses.unanswered += 1
        }
        if (theirs === sent) continue
        const lost = at(object.seen, index) & ~at(sight.seen, index) & ~at(settled[type], index)
        const setAt = at(object.setAt, index)
        const isRaced = setAt >= lookedAt || object.mergedAt >= lookedAt
        if (policy === 'fill_if_empty' && !isRaced && theirs !== null)
          fail(field, 'we filled what was not empty', detail)
        if (lost === 0) continue
        explain(type, index, lost)
        if (isRaced) {
          losses.raced += 1
          continue
        }
        if (isUnmapped(field, object.properties)) continue
        if (theirs === (sight.base[index] ?? null)) continue
        losses.policy += 1
        if (direction === 'out' || policy === 'local_wins' || policy === 'fill_if_empty') continue
        if (policy === 'hubspot_wins') fail(field, 'we won against the policy', detail)
        // A merge sets its time anew: a value that we met before is older than that.
        if (object.mergedIds.length > 0 && theirs === sight.remote[index]) continue
        if (setAt >= at(sight.setAt, index)) fail(field, 'our earlier value won', detail)
      }
    },

    /** HubSpot's answer to a write was stored. @param seen HubSpot's edits after the write */
    written(
      before: AnyRecord,
      next: AnyRecord,
      properties: Record<string, string>,
      seen: number[],
    ): void {
      const sight = sightOf(next)
      for (const field of fields[typeOf(next)]) {
        const { index } = field
        const text = properties[field.property]
        const after = field.ours(next)
        const ours = field.ours(before)
        if (text === undefined) {
          if (after !== ours) fail(field, 'changed by a write of others', { ours, after })
          continue
        }
        const sent = field.theirs({ [field.property]: text === '' ? null : text })
        if (after !== ours && !(field.name === 'stage' && ours === null)) {
          // HubSpot moved on before its answer was stored, and that had arrived.
          if (after !== sight.remote[index])
            fail(field, 'a value from nowhere', { ours, sent, after })
          if (ours !== sent) assertMet(field, next, { ours, sent })
          sight.seen[index] = at(sight.seen, index) | at(sight.known, index)
        }
        sight.known[index] = at(sight.known, index) | at(seen, index)
        sight.base[index] = after !== ours ? after : sent
        // What a later edit here may be the same as
        if (next.remote) sight.remote[index] = field.theirs(next.remote)
        if (after === sent) sight.seen[index] = at(sight.seen, index) | at(seen, index)
      }
    },

    ...mergesOf({ fields, settled, sightOf, typeOf, explain, forget }),
  }

  function forgetAgreed(before: AnyRecord, sight: Sight, arrival: Arrival): void {
    for (const field of fields[typeOf(before)]) {
      sight.known[field.index] = 0
      // Taken up again by another object: what was agreed with the one before still tells an edit
      // made here, unless this one has no value to hold against it.
      const isTakenUp = before.hubspot_id !== null && field.theirs(arrival.properties) !== null
      if (!isTakenUp) sight.base[field.index] = undefined
    }
    // What was sent for this record is agreed with the object that it made.
    const sent = before.create_intent?.sent
    if (!sent || arrival.origin !== before._id.toHexString()) return
    for (const field of fields[typeOf(before)])
      if (field.property in sent) sight.base[field.index] = field.theirs(sent)
  }
}
export type Lineage = ReturnType<typeof createLineage>
