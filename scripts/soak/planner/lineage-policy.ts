import type { ObjectType } from './core'
import { at, fail, type Field, type Losses, type Sight } from './fields'
import type { AnyRecord } from './store'

interface Judged {
  losses: Losses
  sightOf(record: AnyRecord): Sight
  typeOf(record: AnyRecord): ObjectType
  explain(type: ObjectType, index: number, bits: number): void
}

/** Where an edit of ours gave way: whether the policy says so, and the record tells it. */
export function policyOf({ losses, sightOf, typeOf, explain }: Judged) {
  return { assertRecorded, assertMet, meet }

  /** A person's change, kept with the record that explains it. */
  function assertRecorded(
    field: Field,
    next: AnyRecord,
    { from, rule }: { from: string | null; rule: string },
  ): void {
    const isTold = (next.history ?? []).some(entry =>
      entry.fields.some(one => one.field === field.name && field.means(one.from) === from),
    )
    const decision = next.decisions.find(one => one.field === field.name)
    if (!isTold) fail(field, 'an edit went without a word in the history', { from })
    if (decision?.decision !== 'took_hubspot' || decision.rule !== rule)
      fail(field, 'an edit went without the decision that explains it', { from, decision })
  }

  /** An edit made here during a write met one that HubSpot had by then: the policy decided. */
  function assertMet(
    field: Field,
    next: AnyRecord,
    { ours, sent }: { ours: string | null; sent: string | null },
  ): void {
    const { index, direction, policy } = field
    const sight = sightOf(next)
    const detail = { direction, policy, ours, sent }
    const isDecided =
      policy === 'hubspot_wins' ||
      (policy === 'fill_if_empty' && ours === null) ||
      (policy === 'latest_wins' && at(sight.remoteSetAt, index) >= at(sight.setAt, index))
    if (direction !== 'both' || !isDecided)
      fail(field, 'an edit made during a write was lost', detail)
    losses.policy += 1
    if (policy !== 'fill_if_empty') assertRecorded(field, next, { from: ours, rule: policy })
    explain(typeOf(next), index, at(sight.seen, index) & ~at(sight.known, index))
  }

  /** What a copy brought meets the value of the record that took it over. */
  function meet(field: Field, before: AnyRecord, next: AnyRecord): void {
    const { index, direction, policy } = field
    const sight = sightOf(next)
    const [ours, after] = [field.ours(before), field.ours(next)]
    if (after === ours) return
    const detail = { direction, policy, ours, after, remote: sight.remote[index] }
    if (after !== sight.remote[index]) fail(field, 'a value from nowhere', detail)
    if (direction === 'out') fail(field, 'HubSpot wrote an outbound field', detail)
    if (policy === 'fill_if_empty' && ours !== null)
      fail(field, 'HubSpot filled what was not empty', detail)
    if (direction === 'both' && policy === 'local_wins')
      fail(field, 'HubSpot won against the policy', detail)
    if (
      direction === 'both' &&
      policy === 'latest_wins' &&
      at(sight.remoteSetAt, index) < at(sight.setAt, index)
    )
      fail(field, 'the earlier value of HubSpot won', detail)
    if (ours !== null) {
      losses.policy += 1
      const rule = direction === 'in' ? 'inbound_only' : policy
      assertRecorded(field, next, { from: ours, rule })
    }
    explain(typeOf(next), index, at(sight.seen, index) & ~at(sight.known, index))
    sight.seen[index] = at(sight.seen, index) | at(sight.known, index)
    sight.base[index] = after
  }
}
