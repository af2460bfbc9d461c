import type { ConflictPolicy, FieldDirection } from '#shared/leads/fields'
import type { KindName } from '../database/documents'
import { readBase, type BaseDays } from './base-days'
import {
  fromHubspot,
  isZoned,
  joinOptions,
  sameValue,
  splitOptions,
  toHubspot,
  type ValueRule,
} from './values'

/** One field of ours and the HubSpot property it travels as. */
export interface FieldRule extends ValueRule {
  field: string
  property: string
  direction: FieldDirection
  policy: ConflictPolicy
  /**
   * The property cannot be used now: `both` neither reads nor writes it, `out` only reads it. What
   * both sides agreed on is kept for later
   */
  paused?: 'both' | 'out'
}

/** The rules of a partner, by kind of record. */
export type FieldRules = Record<KindName, FieldRule[]>

export type MergeDecision = 'kept' | 'took_hubspot' | 'took_local' | 'merged' | 'equal' | 'refused'

/** Why a field went the way it did; shown by `explain`. */
export type MergeRule =
  | 'same_on_both_sides'
  | 'only_local_changed'
  | 'only_hubspot_changed'
  | 'never_agreed'
  | ConflictPolicy
  | 'inbound_only'
  | 'outbound_only'
  | 'not_read_yet'
  | 'unreadable_value'
  | 'field_paused'
  | 'choices_merged'

type MergedBy = Omit<FieldRule, 'field' | 'property'>

export interface FieldState {
  /** What both sides last agreed on; `undefined` when they never did */
  base: string | null | undefined
  local: string | null
  /** `undefined` when HubSpot's value is not known */
  remote: string | null | undefined
  localChangedAt: Date | null
  remoteChangedAt: Date | null
}

export interface FieldMerge {
  /** Our value after the merge */
  local: string | null
  /** Our value is to be written to HubSpot */
  write: boolean
  /** Both sides now hold the same: it is the new base */
  agreed: boolean
  decision: MergeDecision
  rule: MergeRule
  /** Both sides changed, differently: the policy decided */
  conflict: boolean
}

/**
 * Merges one field, three ways. Pure: the same input gives the same output, and merging the output
 * again changes nothing more. Only a side that moved away from the base sends its value across, so
 * a value that came from HubSpot never goes back (no echo).
 * Promise P11: merging twice, or in another order, ends the same.
 */
export function mergeField(rule: MergedBy, state: FieldState): FieldMerge {
  const { direction, policy } = rule
  const { base, local, remote } = state
  const same = (one: string | null, other: string | null) => sameValue(rule, one, other)
  const keep = (rule: MergeRule, conflict = false): FieldMerge => ({
    local,
    write: false,
    agreed: false,
    decision: 'kept',
    rule,
    conflict,
  })
  if (remote === undefined) return keep('not_read_yet')
  const take = (rule: MergeRule, conflict = false): FieldMerge => ({
    local: remote,
    write: false,
    agreed: true,
    decision: 'took_hubspot',
    rule,
    conflict,
  })
  const write = (rule: MergeRule, conflict = false): FieldMerge => ({
    local,
    write: true,
    agreed: false,
    decision: 'took_local',
    rule,
    conflict,
  })
  if (same(local, remote))
    return {
      local,
      write: false,
      agreed: true,
      decision: 'equal',
      rule: 'same_on_both_sides',
      conflict: false,
    }

  // Without a base a missing value is no change: the side that has one gives it to the other.
  const localChanged = base === undefined ? local !== null : !same(local, base)
  const remoteChanged = base === undefined ? remote !== null : !same(remote, base)
  const both = localChanged && remoteChanged
  if (policy === 'fill_if_empty') {
    // A value goes across only where the other side has none.
    if (remoteChanged && local === null && direction !== 'out') return take(policy)
    if (localChanged && remote === null && direction !== 'in') return write(policy)
    return keep(policy, both)
  }
  if (direction === 'in')
    return remoteChanged
      ? take(both ? 'inbound_only' : 'only_hubspot_changed', both)
      : keep('inbound_only')
  if (direction === 'out')
    return localChanged
      ? write(both ? 'outbound_only' : 'only_local_changed', both)
      : keep('outbound_only')
  if (!both)
    return localChanged
      ? write(base === undefined ? 'never_agreed' : 'only_local_changed')
      : take(base === undefined ? 'never_agreed' : 'only_hubspot_changed')
  if (rule.kind === 'options') return mergeOptions(rule, base ?? null, local, remote)
  if (policy === 'hubspot_wins') return take(policy, true)
  if (policy === 'local_wins') return write(policy, true)
  const isLocalLater =
    state.localChangedAt !== null &&
    (state.remoteChangedAt === null || state.localChangedAt > state.remoteChangedAt)
  return isLocalLater ? write(policy, true) : take(policy, true)
}

/**
 * Both sides changed a set of choices: what either one added or removed counts. HubSpot's side is
 * then known in full and becomes the base; what it lacks is written.
 */
function mergeOptions(
  rule: ValueRule,
  base: string | null,
  local: string | null,
  remote: string | null,
): FieldMerge {
  const merged = joinedOptions(local, remote, base)
  return {
    local: merged,
    write: !sameValue(rule, merged, remote),
    agreed: true,
    decision: 'merged',
    rule: 'choices_merged',
    conflict: false,
  }
}

/** A set of choices, with what another one added to its base and removed from it. */
export function joinedOptions(
  options: string | null,
  other: string | null,
  otherBase: string | null,
): string | null {
  const ours = splitOptions(options)
  const theirs = splitOptions(other)
  const before = splitOptions(otherBase)
  return joinOptions(
    [...new Set([...ours, ...theirs])].filter(option => {
      const isTheirs = theirs.includes(option)
      return isTheirs === before.includes(option) ? ours.includes(option) : isTheirs
    }),
  )
}

export interface FieldsState {
  values: Record<string, string | null>
  /** By property, HubSpot's text */
  base: Record<string, string | null>
  baseDays: BaseDays
  /** By property, HubSpot's text as last seen */
  remote: Record<string, string | null>
  /** By field */
  changedAt: Record<string, Date>
  /** By property; where missing, `modifiedAt` stands in */
  remoteAt: Record<string, Date>
  /** HubSpot's modification instant of the whole record */
  modifiedAt: Date | null
}

export interface FieldReport extends FieldMerge {
  field: string
  property: string
  /** HubSpot's value as ours, as the text it is where nobody can read it, `null` when not known */
  remote: string | null
  /** The same for what both sides last agreed on */
  base: string | null
}

export interface FieldsMerge {
  values: Record<string, string | null>
  base: Record<string, string | null>
  baseDays: NonNullable<BaseDays>
  /** By property, the text to write; the empty text clears */
  writes: Record<string, string>
  reports: FieldReport[]
}

/** Merges all mapped fields of a record. Fields without a rule stay as they are. */
export function mergeFields(rules: readonly FieldRule[], state: FieldsState): FieldsMerge {
  const values = { ...state.values }
  const base = { ...state.base }
  const baseDays: NonNullable<BaseDays> = {}
  const writes: Record<string, string> = {}
  const reports = rules.map((rule): FieldReport => {
    const remoteText = own(state.remote, rule.property)
    const remote = remoteText === undefined ? undefined : fromHubspot(rule, remoteText)
    const agreed = readBase(rule, state)
    const stored = own(state.values, rule.field) ?? null
    // Nobody edited it since both sides agreed: it follows how that is read today.
    const local =
      agreed.now !== undefined && agreed.before !== agreed.now && agreed.before === stored
        ? agreed.now
        : stored
    const merged: FieldMerge =
      rule.paused === 'both'
        ? keptForLater(local)
        : remoteText !== undefined && remote === undefined
          ? {
              local,
              write: false,
              agreed: false,
              decision: 'refused',
              rule: 'unreadable_value',
              conflict: false,
            }
          : mergeField(rule, {
              base: agreed.now,
              local,
              remote,
              localChangedAt: state.changedAt[rule.field] ?? null,
              remoteChangedAt: state.remoteAt[rule.property] ?? state.modifiedAt,
            })
    const outcome = merged.write && rule.paused ? keptForLater(local) : merged
    values[rule.field] = outcome.local
    const isAgreed = outcome.agreed && remoteText !== undefined
    if (isAgreed) base[rule.property] = remoteText
    const day = isAgreed ? remote : agreed.now
    if (isZoned(rule) && day !== undefined) baseDays[rule.property] = day
    if (outcome.write) writes[rule.property] = toHubspot(rule, outcome.local)
    return {
      field: rule.field,
      property: rule.property,
      remote: remote ?? remoteText ?? null,
      base: agreed.now ?? own(state.base, rule.property) ?? null,
      ...outcome,
    }
  })
  return { values, base, baseDays, writes, reports }
}

const keptForLater = (local: string | null): FieldMerge => ({
  local,
  write: false,
  agreed: false,
  decision: 'kept',
  rule: 'field_paused',
  conflict: false,
})

function own(record: Record<string, string | null>, key: string): string | null | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
