import { z } from 'zod'
import { Instant } from './primitives'

/** What a partner asks about the connection. */
export const healthQuestions = ['hubspot', 'permissions', 'notifications', 'records'] as const

export const HealthAnswer = z.object({
  id: z.enum(healthQuestions),
  status: z.enum(['pass', 'warn', 'fail', 'skipped']),
  /** What was found, in a sentence or two */
  message: z.string(),
  /** What to do; `null`: nothing */
  fix: z.string().nullable(),
  /** The page where it is done; `null`: on none of ours */
  path: z.string().nullable(),
})
export type HealthAnswer = z.infer<typeof HealthAnswer>

export const Health = z.object({
  answers: z.array(HealthAnswer),
  notifications: z.object({
    /** The latest of HubSpot's webhook events that is kept (7 days); `null`: none */
    lastEventAt: Instant.nullable(),
    /** Events that are not worked off, counted up to 10,000 */
    waiting: z.number().int(),
  }),
})
export type Health = z.infer<typeof Health>

/** What became of a delivery that was sent through the public address. */
export const webhookTestResults = [
  'arrived',
  'not_https',
  'unreachable',
  'redirected',
  'refused_signature',
  'answered_elsewhere',
  'refused',
] as const
export const WebhookTest = z.object({
  result: z.enum(webhookTestResults),
  at: Instant,
  /** HTTP status of the answer; `null` when there was none */
  status: z.number().int().nullable(),
})
export type WebhookTest = z.infer<typeof WebhookTest>
