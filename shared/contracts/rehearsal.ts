import { z } from 'zod'
import { FieldMappingEntry, StageMappingEntry } from './mapping'
import { Id, Instant } from './primitives'

/** What is tried out. What is not named stays as it is. */
export const RehearsalBody = z.strictObject({
  fields: z.array(FieldMappingEntry).max(250).optional(),
  stages: z.array(StageMappingEntry).max(1000).optional(),
  writeBack: z.boolean().optional(),
})
export type RehearsalBody = z.infer<typeof RehearsalBody>

export const rehearsalEffects = [
  'changes_here',
  'written',
  'not_written',
  'created',
  'not_created',
  'unread',
  'replayed_here',
  'replayed_there',
] as const

/** One kind of change, for how many records, with some of them by name. */
export const RehearsalSentence = z.object({
  object: z.enum(['lead', 'deal']),
  effect: z.enum(rehearsalEffects),
  field: z.string().nullable(),
  count: z.number().int(),
  /** A sentence */
  message: z.string(),
  /** How many of them people changed by hand lately, and who */
  byHand: z.string().nullable(),
  records: z.array(
    z.object({
      id: Id,
      label: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
    }),
  ),
})
export type RehearsalSentence = z.infer<typeof RehearsalSentence>

export const Rehearsal = z.object({
  examined: z.object({ leads: z.number().int(), deals: z.number().int() }),
  /** `false`: there are so many records that only a part was looked at */
  complete: z.boolean(),
  /** Changes since then were played again */
  since: Instant,
  sentences: z.array(RehearsalSentence),
})
export type Rehearsal = z.infer<typeof Rehearsal>

export const RecordRehearsalBody = z.strictObject({
  object: z.enum(['lead', 'deal']),
  id: Id,
  fields: z.array(FieldMappingEntry).max(250).optional(),
})
export type RecordRehearsalBody = z.infer<typeof RecordRehearsalBody>

/** What a field mapping would do to one record, row by row. */
export const RecordRehearsal = z.object({
  label: z.string(),
  fields: z.array(
    z.object({
      field: z.string(),
      property: z.string(),
      /** HubSpot's value as ours would be */
      hubspot: z.string().nullable(),
      /** `false`: HubSpot's value is not stored yet */
      isRead: z.boolean(),
      ours: z.string().nullable(),
      after: z.string().nullable(),
      decision: z.string(),
      rule: z.string(),
    }),
  ),
})
export type RecordRehearsal = z.infer<typeof RecordRehearsal>
