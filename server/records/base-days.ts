import type { AnyRecord } from '../database/documents'
import { fromHubspot, isZoned, type ValueRule } from './values'

/**
 * By property, the day that the base value was read as when both sides agreed on it. How an instant
 * is read changes with the account's time zone; without this, such a change would look like an edit
 * made here, and would be written to HubSpot.
 */
export type BaseDays = AnyRecord['base_days']

type Agreed = { base: Record<string, string | null>; baseDays: BaseDays }

/**
 * What both sides last agreed on, as a value of ours; `undefined` when they never did, or when
 * nobody can read it.
 * @returns `now` as it is read today, and `before` as it was read when they agreed
 */
export function readBase(
  rule: ValueRule & { property: string },
  { base, baseDays }: Agreed,
): { now: string | null | undefined; before: string | null | undefined } {
  const { property } = rule
  if (!Object.hasOwn(base, property)) return { now: undefined, before: undefined }
  const text = base[property] ?? null
  const now = fromHubspot(rule, text)
  if (rule.kind !== 'day') return { now, before: now }
  const known = baseDays && Object.hasOwn(baseDays, property) ? baseDays[property] : undefined
  if (known !== undefined) return { now, before: known }
  // Earlier versions read every day in UTC and noted nothing.
  return { now, before: baseDays ? now : fromHubspot({ ...rule, zone: 'UTC' }, text) }
}

/**
 * The days of a record as they are read when HubSpot takes what was sent.
 * @param sent by property, HubSpot's text
 */
export function daysAfterWrite(
  rules: readonly (ValueRule & { property: string })[],
  record: Pick<AnyRecord, 'base' | 'base_days'>,
  sent: Record<string, string | null>,
): NonNullable<BaseDays> {
  const before = { base: record.base ?? {}, baseDays: record.base_days }
  return Object.fromEntries(
    rules.filter(isZoned).flatMap(rule => {
      const text = Object.hasOwn(sent, rule.property) ? sent[rule.property] : undefined
      const day = text === undefined ? readBase(rule, before).before : fromHubspot(rule, text)
      return day === undefined ? [] : [[rule.property, day] as const]
    }),
  )
}
