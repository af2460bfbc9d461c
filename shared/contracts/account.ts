import { z } from 'zod'
import { Id, Instant } from './primitives'

export const roles = ['admin', 'member'] as const
export const Role = z.enum(roles)
export type Role = z.infer<typeof Role>

export const Email = z.string().trim().toLowerCase().min(3).max(254).pipe(z.email())

export const LoginBody = z.strictObject({
  email: z.string().min(1).max(254),
  password: z.string().min(1).max(256),
})
export type LoginBody = z.infer<typeof LoginBody>

export const Me = z.object({
  user: z.object({
    id: Id,
    email: z.string(),
    role: Role,
    /** `true`: the organisation asks for a passkey, and nothing else is possible before one is added */
    mustAddPasskey: z.boolean().optional(),
  }),
  partner: z.object({ id: Id, name: z.string() }),
})
export type Me = z.infer<typeof Me>

export const LoggedOut = z.object({ signedOut: z.literal(true) })

/** One place where somebody is signed in. */
export const Session = z.object({
  id: Id,
  signedInAt: Instant,
  /** To the minute */
  lastSeenAt: Instant,
  /** Browser and system in a few words, `null` when unknown */
  browser: z.string().nullable(),
  /** The one that asks */
  current: z.boolean(),
})
export type Session = z.infer<typeof Session>

export const SessionList = z.object({ items: z.array(Session) })
export type SessionList = z.infer<typeof SessionList>

export const SessionsEnded = z.object({ ended: z.number().int() })
