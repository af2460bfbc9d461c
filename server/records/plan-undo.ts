import type { AnyRecord, HistoryEntryDocument } from '../database/documents'
import { visibleValues } from './changes'
import { fieldKinds, type FieldKind } from './fields'
import { longestKept } from './history'
import type { RecordKind } from './kinds'
import type { FieldRule } from './merge-field'
import { isParted } from './sync-state'
import { fromHubspot, sameValue } from './values'

export interface UndoChange {
  field: string
  now: string | null
  after: string | null
}

export interface UndoPlan {
  /**
   * `edit`: the changes are made; `remove`: the record was made by what is undone, and goes;
   * `archive`: its HubSpot record was made by it, and is archived; `recreate`: its HubSpot record
   * was archived by it, and is made anew; `dismiss`: it was brought here from HubSpot, goes here,
   * and stays there
   */
  action: 'edit' | 'remove' | 'archive' | 'recreate' | 'dismiss' | 'none'
  changes: UndoChange[]
  /** Sentences about what is left as it is */
  skipped: string[]
}

const filledForGood =
  'the field mapping only fills empty fields, so HubSpot would keep this value. ' +
  'Clear it here and in HubSpot.'
const since = (field: string) => `${field}: somebody changed it since.`
const none = (...skipped: string[]): UndoPlan => ({ action: 'none', changes: [], skipped })

/**
 * What taking back some changes of a record makes of it. What was changed since, by anybody, is left
 * alone. Pure.
 * @param entries the changes to take back, oldest first
 */
export function planUndo(
  record: AnyRecord,
  entries: readonly HistoryEntryDocument[],
  rules: readonly FieldRule[],
): UndoPlan {
  const special = entries.map(entry => specialPlan(record, entry)).find(plan => plan !== null)
  if (special) return special
  const current = visibleValues(record)
  const steps = new Map<string, { from: string | null; to: string | null }>()
  for (const entry of entries) {
    if (entry.kind === 'kept') continue
    for (const { field, from, to } of entry.fields) {
      const known = steps.get(field)
      const rule = rules.find(one => one.field === field)
      // What was written is remembered as HubSpot's text.
      const before = entry.kind === 'written' && rule ? (fromHubspot(rule, from) ?? null) : from
      const after = entry.kind === 'written' && rule ? (fromHubspot(rule, to) ?? null) : to
      steps.set(field, { from: known ? known.from : before, to: after })
    }
  }
  const plan: UndoPlan = { action: 'none', changes: [], skipped: [] }
  for (const [field, { from, to }] of steps) {
    const now = current[field] ?? null
    const rule = rules.find(one => one.field === field)
    if (same(field, rule, now, from)) continue
    if (!same(field, rule, now, to)) plan.skipped.push(since(field))
    else if (from !== null && from.length >= longestKept)
      plan.skipped.push(`${field}: the value of before is too long to be kept.`)
    else if (rule?.direction === 'in')
      plan.skipped.push(`${field}: the field mapping lets only HubSpot change it.`)
    else if (rule && from === null && isFilledForGood(record, rule))
      plan.skipped.push(`${field}: ${filledForGood}`)
    else plan.changes.push({ field, now, after: from })
  }
  return plan.changes.length > 0 ? { ...plan, action: 'edit' } : plan
}

/** What taking back an import makes of a record that it brought. Pure. */
export function planUndoImport(record: Pick<AnyRecord, 'history'>): UndoPlan {
  const isEdited = (record.history ?? []).some(
    entry => entry.side === 'ours' && entry.kind === 'edited',
  )
  return isEdited
    ? none('Somebody changed it since it was imported.')
    : { action: 'dismiss', changes: [{ field: 'record', now: 'exists', after: null }], skipped: [] }
}

/** "Only fill if empty" never clears: what HubSpot was given stays there. */
function isFilledForGood({ remote, sending }: AnyRecord, { policy, property }: FieldRule): boolean {
  const hasValue = (texts: Record<string, string | null> | null | undefined) =>
    (texts?.[property] ?? '') !== ''
  return policy === 'fill_if_empty' && (hasValue(remote) || hasValue(sending?.sent))
}

function same(
  field: string,
  rule: FieldRule | undefined,
  one: string | null,
  other: string | null,
): boolean {
  return sameValue(rule ?? { kind: kindOf(field), type: 'string', zone: 'UTC' }, one, other)
}

const kindOf = (field: string): FieldKind =>
  Object.hasOwn(fieldKinds, field) ? fieldKinds[field as keyof typeof fieldKinds] : 'text'

/** Records that were made, and objects of HubSpot that were made or archived. */
function specialPlan(record: AnyRecord, entry: HistoryEntryDocument): UndoPlan | null {
  const isMade = entry.side === 'ours' && (entry.kind === 'created' || entry.kind === 'restored')
  if (isMade) {
    const isEdited = (record.history ?? []).some(
      other =>
        other.at >= entry.at &&
        other.side === 'ours' &&
        other.kind === 'edited' &&
        !(entry.cause && other.cause?.equals(entry.cause)),
    )
    return isEdited
      ? none('Somebody changed it since it was made.')
      : {
          action: 'remove',
          changes: [{ field: 'record', now: 'exists', after: null }],
          skipped: [],
        }
  }
  if (entry.kind === 'archived') {
    if (entry.side === 'hubspot')
      return none('HubSpot archived it. Restore it there, and it comes back by itself.')
    return record.archived_at === null
      ? none()
      : {
          action: 'recreate',
          changes: [{ field: 'hubspotId', now: null, after: 'new' }],
          skipped: [],
        }
  }
  if (entry.kind === 'written' && entry.fields.length === 0)
    return record.hubspot_id === null || isParted(record)
      ? none()
      : {
          action: 'archive',
          changes: [{ field: 'hubspotId', now: record.hubspot_id, after: null }],
          skipped: [],
        }
  return null
}

/** The fields of a plan as an edit takes them: those that admins added stand apart. */
export function patchOf(kind: RecordKind, { changes }: UndoPlan): Record<string, unknown> {
  const builtIn = new Set<string>([...kind.fields, 'stage', 'leadIds'])
  const own = changes.filter(({ field }) => !builtIn.has(field))
  return {
    ...Object.fromEntries(
      changes
        .filter(({ field }) => builtIn.has(field))
        .map(({ field, after }) => [
          field,
          field === 'leadIds' ? (after === null ? [] : after.split(' ')) : after,
        ]),
    ),
    ...(own.length > 0
      ? { fields: Object.fromEntries(own.map(({ field, after }) => [field, after])) }
      : {}),
  }
}
