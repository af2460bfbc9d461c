import type { AnyRecord, HistoryEntryDocument } from '../database/documents'
import { visibleValues } from './changes'
import { hasStage, type RecordKind } from './kinds'
import { mergeField, type FieldRule } from './merge-field'
import { mergeRecord } from './merge-record'
import type { StageRules } from './merge-stage'
import { mayBeWritten } from './sync-state'
import { fromHubspot, sameValue } from './values'

/** What decides how records are kept in step: as it is, or as it would be. */
export interface RehearsedRules {
  rules: readonly FieldRule[]
  stages: StageRules
  isWritingBack: boolean
}

export interface RehearsalContext {
  portalId: string
  now: Date
  /** Changes that were made before are not played again */
  since: Date
  before: RehearsedRules
  after: RehearsedRules
}

/**
 * What would be different for one record.
 * - `changes_here`: our value would be another one; `written` and `not_written`: HubSpot would get
 *   it, or would not; `created`, `not_created`: the same for the whole record;
 * - `unread`: HubSpot's value is not stored yet, so nobody can say;
 * - `replayed_here`, `replayed_there`: after the changes since `since`, our value or HubSpot's would
 *   be another one.
 */
export interface RehearsedEffect {
  effect:
    | 'changes_here'
    | 'written'
    | 'not_written'
    | 'created'
    | 'not_created'
    | 'unread'
    | 'replayed_here'
    | 'replayed_there'
  field: string | null
  from: string | null
  to: string | null
  /** Who changed this field here last, since `since` */
  byHand: { email: string; at: Date } | null
}

/** What other rules would do to one record, from what is stored of it. Pure. */
export function rehearse(
  kind: RecordKind,
  record: AnyRecord,
  context: RehearsalContext,
): RehearsedEffect[] {
  const recent = (record.history ?? []).filter(entry => entry.at >= context.since)
  const effect = (
    name: RehearsedEffect['effect'],
    field: string | null,
    [from, to]: [string | null, string | null],
  ): RehearsedEffect => ({
    effect: name,
    field,
    from,
    to,
    byHand: field === null ? null : lastHand(recent, field),
  })
  if (!mayBeWritten(record)) return []
  const { before, after } = context
  if (record.hubspot_id === null) {
    if (!record.dirty || before.isWritingBack === after.isWritingBack) return []
    return [effect(after.isWritingBack ? 'created' : 'not_created', null, [null, null])]
  }
  if (record.portal_id !== context.portalId) return []

  const [old, next] = [before, after].map(rules => outcomeOf(kind, record, rules, context.now)) as [
    Outcome,
    Outcome,
  ]
  const present = visibleValues(record)
  const found: RehearsedEffect[] = []
  for (const [field, to] of Object.entries(next.values))
    if (to !== (old.values[field] ?? null))
      found.push(effect('changes_here', field, [present[field] ?? null, to]))
  for (const [field, { from, to }] of next.writes)
    if (old.writes.get(field)?.to !== to) found.push(effect('written', field, [from, to]))
  for (const [field, { from, to }] of old.writes)
    if (!next.writes.has(field)) found.push(effect('not_written', field, [from, to]))
  for (const { field, property } of after.rules) {
    const isSame = before.rules.some(one => one.field === field && one.property === property)
    if (!isSame && !Object.hasOwn(record.remote ?? {}, property))
      found.push(effect('unread', field, [present[field] ?? null, null]))
  }
  const changes = recent.length === 0 ? new Map<string, FieldStep[]>() : stepsOf(recent)
  for (const rule of after.rules) {
    const { field } = rule
    const steps = changes.get(field)
    const known = steps && before.rules.find(one => one.field === field)
    if (!known || decidesAlike(known, rule, before.isWritingBack === after.isWritingBack)) continue
    const [was, would] = [
      replay(steps, known, before.isWritingBack),
      replay(steps, rule, after.isWritingBack),
    ]
    if (!was || !would) continue
    if (!sameValue(rule, was.local, would.local))
      found.push(effect('replayed_here', field, [was.local, would.local]))
    if (!sameValue(rule, was.remote, would.remote))
      found.push(effect('replayed_there', field, [was.remote, would.remote]))
  }
  return found
}

interface Outcome {
  values: Record<string, string | null>
  /** By field, what HubSpot has and what it would get */
  writes: Map<string, { from: string | null; to: string | null }>
}

/** A record after the next sync, with these rules and what is known of HubSpot's side. */
function outcomeOf(
  kind: RecordKind,
  record: AnyRecord,
  { rules, stages, isWritingBack }: RehearsedRules,
  now: Date,
): Outcome {
  const { next, writes, reports } = mergeRecord(kind, record, null, { rules, stages, now })
  const written = new Map<string, { from: string | null; to: string | null }>()
  if (isWritingBack) {
    for (const { field, property, remote, local } of reports)
      if (Object.hasOwn(writes, property)) written.set(field, { from: remote, to: local })
    if (Object.hasOwn(writes, 'dealstage') && hasStage(next))
      written.set('stage', { from: next.stage_base, to: next.stage })
  }
  return { values: visibleValues(next), writes: written }
}

/** One change of one field. */
type FieldStep = Pick<HistoryEntryDocument, 'at' | 'side' | 'kind'> & {
  from: string | null
  to: string | null
}

/** The changes of a record by field, oldest first. */
function stepsOf(entries: readonly HistoryEntryDocument[]): Map<string, FieldStep[]> {
  const steps = new Map<string, FieldStep[]>()
  for (const { at, side, kind, fields } of entries)
    for (const { field, from, to } of fields) {
      const step = { at, side, kind, from, to }
      const known = steps.get(field)
      if (known) known.push(step)
      else steps.set(field, [step])
    }
  return steps
}

/** Two rules that bring the same changes to the same end. */
function decidesAlike(one: FieldRule, other: FieldRule, isWritingAlike: boolean): boolean {
  return (
    isWritingAlike &&
    one.direction === other.direction &&
    one.policy === other.policy &&
    one.paused === other.paused &&
    one.kind === other.kind &&
    one.type === other.type
  )
}

/**
 * Plays the changes of one field again: both sides begin alike, and each change arrives as it did.
 * What was written then is written at the same time, if these rules write it at all.
 * @returns both sides at the end, or `null` when nothing happened to the field
 */
function replay(
  steps: readonly FieldStep[],
  rule: FieldRule,
  isWritingBack: boolean,
): { local: string | null; remote: string | null } | null {
  let state: { local: string | null; remote: string | null; base: string | null } | null = null
  let [localAt, remoteAt]: [Date | null, Date | null] = [null, null]
  let isToWrite = false
  for (const step of steps) {
    const isWritten = step.kind === 'written'
    // What was written is remembered as HubSpot's text.
    const [from, to] = isWritten
      ? [fromHubspot(rule, step.from) ?? null, fromHubspot(rule, step.to) ?? null]
      : [step.from, step.to]
    // A kept value tells of HubSpot's side: that is what arrived.
    const isArrival = step.side === 'hubspot' || step.kind === 'kept'
    const begin = isWritten ? to : from
    state ??= { local: begin, remote: begin, base: begin }
    if (isWritten) {
      if (isToWrite) state = { local: state.local, remote: state.local, base: state.local }
      isToWrite = false
      continue
    }
    if (isArrival) {
      state.remote = step.kind === 'kept' ? from : to
      remoteAt = step.at
    } else {
      state.local = to
      localAt = step.at
    }
    const merged = mergeField(rule, {
      ...state,
      localChangedAt: localAt,
      remoteChangedAt: remoteAt,
    })
    state.local = merged.local
    if (merged.agreed) state.base = state.remote
    isToWrite = merged.write && isWritingBack && !rule.paused
  }
  if (!state) return null
  return { local: state.local, remote: isToWrite ? state.local : state.remote }
}

/** The last person who changed a field here. */
export function lastHand(
  entries: readonly HistoryEntryDocument[],
  field?: string,
): RehearsedEffect['byHand'] {
  const entry = entries.findLast(
    one =>
      one.side === 'ours' &&
      one.kind === 'edited' &&
      one.by !== null &&
      (field === undefined || one.fields.some(change => change.field === field)),
  )
  return entry?.by ? { email: entry.by.email, at: entry.at } : null
}
