import type { AnyRecord, DecisionDocument, DocumentOf, KindName } from '../database/documents'
import type { CrmObject } from '../hubspot/crm-types'
import { derivedOf, hasAssociations, hasStage, type RecordKind } from './kinds'
import { mergeFields, type FieldReport, type FieldRule } from './merge-field'
import { mergeStageOf, type StageRules } from './merge-stage'
import { stateAfterMerge, withState } from './sync-state'

/** HubSpot's side of a record as it arrives: properties that were not asked for are absent. */
export type Incoming = Pick<CrmObject, 'properties' | 'updatedAt' | 'changedAt'>

export interface MergeContext {
  rules: readonly FieldRule[]
  stages: StageRules
  now: Date
}

export interface MergedRecord<D> {
  next: D
  /** By property, HubSpot's text to write */
  writes: Record<string, string>
  reports: FieldReport[]
}

/**
 * A record after HubSpot's side arrived (or, with `incoming` null, after a local change). Pure; does
 * not touch version, revision and run marks. Associations are merged by the caller before.
 * @param record must be linked, or about to be: `hubspot_id` and `portal_id` set by the caller
 */
export function mergeRecord<K extends KindName>(
  kind: RecordKind<K>,
  record: DocumentOf<K>,
  incoming: Incoming | null,
  context: MergeContext,
): MergedRecord<DocumentOf<K>> {
  const remote = remoteSide(record, incoming, context.rules, kind.keptProperties)
  const merged = mergeFields(context.rules, {
    values: { ...record.values },
    base: Object.fromEntries(
      Object.entries(record.base ?? {}).filter(([property]) =>
        Object.hasOwn(remote.values, property),
      ),
    ),
    baseDays: record.base_days,
    remote: remote.values,
    changedAt: record.changed_at,
    remoteAt: remote.setAt,
    modifiedAt: remote.modifiedAt,
  })
  const stage = hasStage(record) ? mergeStageOf(record, remote.values, context.stages) : null
  const writes = { ...merged.writes, ...stage?.writes }
  const noted = decisionsAfter(
    record.decisions,
    merged.reports.filter(report => report.conflict || report.decision === 'refused'),
    remote.isNews,
    context.now,
  )
  const next: DocumentOf<K> = {
    ...record,
    values: { ...record.values, ...merged.values },
    base: merged.base,
    base_days: merged.baseDays,
    remote: remote.values,
    remote_at: remote.setAt,
    hubspot_modified_at: remote.modifiedAt,
    decisions: stage?.conflict ? decisionsAfter(noted, [stageConflict], true, context.now) : noted,
    ...stage?.fields,
  }
  // Into the copy that was just made: to copy a whole record is what a merge takes longest for.
  Object.assign(next, derivedOf(kind, next))
  const hasWrites =
    Object.keys(writes).length > 0 ||
    (hasAssociations(next) && next.associations_dirty && !next.associations_stuck)
  const state = stateAfterMerge(next, {
    hasWrites,
    isNews: remote.isNews,
    isStageStuck: stage?.isStuck ?? false,
  })
  return { next: withState(next, state), writes, reports: merged.reports }
}

interface RemoteSide {
  /** By property, HubSpot's text */
  values: Record<string, string | null>
  /** By property, when the value was set: only where the latest edit wins */
  setAt: Record<string, Date>
  /** HubSpot's modification instant of the whole record */
  modifiedAt: Date | null
  /** A value is another than before */
  isNews: boolean
}

/** What arrives now, and for properties that were not asked for what was known before. */
function remoteSide(
  { remote: known, remote_at: knownSetAt, hubspot_modified_at: knownModifiedAt }: AnyRecord,
  incoming: Incoming | null,
  rules: readonly FieldRule[],
  keptProperties: readonly string[],
): RemoteSide {
  const modifiedAt = (incoming && instant(incoming.updatedAt)) ?? knownModifiedAt
  const side: RemoteSide = { values: {}, setAt: {}, modifiedAt, isNews: false }
  for (const property of [...rules.map(rule => rule.property), ...keptProperties]) {
    const before = known && Object.hasOwn(known, property) ? known[property] : undefined
    const isPaused = rules.some(rule => rule.property === property && rule.paused === 'both')
    const hasArrived =
      !isPaused && incoming !== null && Object.hasOwn(incoming.properties, property)
    const value = hasArrived ? blankToNull(incoming.properties[property] ?? null) : before
    if (value === undefined) continue
    side.values[property] = value
    if (value !== before) side.isNews = true
    const isTimed = rules.some(rule => rule.property === property && rule.policy === 'latest_wins')
    const setAt =
      (hasArrived ? instant(incoming.changedAt?.[property]) : null) ??
      (value === before ? (knownSetAt?.[property] ?? knownModifiedAt) : modifiedAt)
    if (isTimed && setAt) side.setAt[property] = setAt
  }
  return side
}

type NewDecision = Omit<DecisionDocument, 'at'>

const stageConflict: NewDecision = {
  field: 'stage',
  decision: 'took_hubspot',
  rule: 'hubspot_wins',
}

/**
 * Keeps the latest decision of each field that had a conflict or a value nobody can read. The
 * others are not stored; `explain` works them out.
 */
function decisionsAfter(
  before: readonly DecisionDocument[],
  made: readonly NewDecision[],
  isNews: boolean,
  at: Date,
): DecisionDocument[] {
  const decisions = [...before]
  for (const { field, decision, rule } of made) {
    const index = decisions.findIndex(one => one.field === field)
    const known = decisions[index]
    if (known?.decision === decision && known.rule === rule && !isNews) continue
    if (known) decisions[index] = { field, decision, rule, at }
    else decisions.push({ field, decision, rule, at })
  }
  return decisions
}

function blankToNull(text: string | null): string | null {
  return text === '' ? null : text
}

/** @returns HubSpot's instant, or `null` when it is none */
export function instant(text: string | null | undefined): Date | null {
  const at = text ? new Date(text) : null
  return at && !Number.isNaN(at.getTime()) ? at : null
}

/** What a merge makes of each field as the record stands. Nothing is changed. */
export function reportsOf(record: AnyRecord, rules: readonly FieldRule[]): FieldReport[] {
  return mergeFields(rules, {
    values: { ...record.values },
    base: record.base ?? {},
    baseDays: record.base_days,
    remote: record.remote ?? {},
    changedAt: record.changed_at,
    remoteAt: record.remote_at ?? {},
    modifiedAt: record.hubspot_modified_at,
  }).reports
}
