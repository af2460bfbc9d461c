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
