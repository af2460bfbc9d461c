import { z } from 'zod'
import { Id, Instant } from './primitives'

/** What a partner is told about until it is well again. */
export const noticeKinds = [
  'reauthorization_required',
  'sync_stale',
  'mapping_drift',
  'remote_cleanup_failed',
] as const

export const Notice = z.object({
  id: Id,
  kind: z.enum(noticeKinds),
  /** What happened and what to do, in words */
  message: z.string(),
  /** The page where something can be done about it */
  path: z.string(),
  createdAt: Instant,
})
export type Notice = z.infer<typeof Notice>

export const NoticeList = z.object({ items: z.array(Notice) })
export type NoticeList = z.infer<typeof NoticeList>

/** The notices that somebody may have by e-mail at once, in a daily one, or not. */
export const preferenceKinds = [
  'reauthorization_required',
  'sync_stale',
  'mapping_drift',
  'sync_paused',
] as const
export type PreferenceKind = (typeof preferenceKinds)[number]

export const noticeTimings = ['now', 'daily', 'off'] as const
export const NoticeTiming = z.enum(noticeTimings)
export type NoticeTiming = z.infer<typeof NoticeTiming>

const timings = z.strictObject({
  reauthorization_required: NoticeTiming,
  sync_stale: NoticeTiming,
  mapping_drift: NoticeTiming,
  sync_paused: NoticeTiming,
} satisfies Record<PreferenceKind, typeof NoticeTiming>)
export type NoticePreferences = z.infer<typeof timings>

/** Kinds that are left out stay as they are. */
export const NoticePreferencesBody = z.strictObject({ kinds: timings.partial() })
export type NoticePreferencesBody = z.infer<typeof NoticePreferencesBody>
export const NoticePreferencesAnswer = z.object({
  kinds: timings,
  /** Where e-mail goes */
  email: z.string(),
  /** `false`: this installation has no mail server */
  canMail: z.boolean(),
  /** Daily e-mails leave at 7:00 of this zone (IANA): the HubSpot account's, else `UTC` */
  timeZone: z.string(),
})
export type NoticePreferencesAnswer = z.infer<typeof NoticePreferencesAnswer>

/** What came of sending notices to the partner's own address. */
export const NoticeDelivery = z.object({
  at: Instant,
  ok: z.boolean(),
  /** HTTP status of the answer; `null` when there was none */
  status: z.number().int().nullable(),
  /** Why it was not taken; `null` when it was */
  problem: z
    .enum([
      'not_public',
      'no_such_host',
      'unreachable',
      'bad_certificate',
      'timed_out',
      'redirected',
      'refused',
      'unreadable',
    ])
    .nullable(),
})
export type NoticeDelivery = z.infer<typeof NoticeDelivery>

export const NoticeWebhookBody = z.strictObject({ url: z.url().max(2048) })
export type NoticeWebhookBody = z.infer<typeof NoticeWebhookBody>
export const NoticeWebhook = z.object({
  /** Host and end of the address; `null`: none is set */
  address: z.string().nullable(),
  setAt: Instant.nullable(),
  setBy: z.string().nullable(),
  last: NoticeDelivery.nullable(),
})
export type NoticeWebhook = z.infer<typeof NoticeWebhook>
/** `secret` is told this once. */
export const NoticeWebhookSet = NoticeWebhook.extend({ secret: z.string() })
export type NoticeWebhookSet = z.infer<typeof NoticeWebhookSet>
