import { z } from 'zod'
import { Email, Role } from './account'
import { listOf, ListQuery } from './paging'
import { Id, Instant } from './primitives'

/** Somebody of a partner, as its admins see them. */
export const User = z.object({
  id: Id,
  email: z.string(),
  role: Role,
  disabled: z.boolean(),
  lastSeenAt: Instant.nullable(),
  /** How many passkeys they have */
  passkeys: z.number().int(),
  /** When somebody invited them; `null` for accounts that the operator made */
  invitedAt: Instant.nullable(),
  /** Until when the invitation can be taken up; `null` once it was, or without one */
  invitedUntil: Instant.nullable(),
})
export type User = z.infer<typeof User>

export const UsersQuery = ListQuery
export const UserList = listOf(User)
export type UserList = z.infer<typeof UserList>

export const InvitationBody = z.strictObject({ email: Email, role: Role })
export type InvitationBody = z.infer<typeof InvitationBody>

export const Invitation = z.object({
  id: Id,
  email: z.string(),
  role: Role,
  expiresAt: Instant,
  /** Only where no e-mail can be sent: it is shown this once */
  link: z.string().nullable(),
})
export type Invitation = z.infer<typeof Invitation>

export const UserPatch = z
  .strictObject({ role: Role.optional(), disabled: z.boolean().optional() })
  .refine(patch => Object.keys(patch).length > 0, 'must name what to change')
export type UserPatch = z.infer<typeof UserPatch>

/** Checked for length and strength by the server: the limits here only bound what is read. */
const NewPassword = z.string().min(1).max(256)
/** Of an invitation or a password reset: base64url of 32 bytes */
const LinkToken = z.string().min(1).max(200)

export const InvitationAcceptBody = z.strictObject({
  token: LinkToken,
  /** Absent: a passkey is registered instead */
  password: NewPassword.optional(),
})
export type InvitationAcceptBody = z.infer<typeof InvitationAcceptBody>

export const PasswordChangeBody = z.strictObject({
  current: z.string().min(1).max(256),
  next: NewPassword,
})

export const ResetRequestBody = z.strictObject({ email: z.string().min(1).max(254) })

export const ResetRequested = z.object({ requested: z.literal(true) })

export const PasswordResetBody = z.strictObject({ token: LinkToken, password: NewPassword })

/** A link for one person; `null` when it went out by e-mail. */
export const ResetLink = z.object({ expiresAt: Instant, link: z.string().nullable() })
export type ResetLink = z.infer<typeof ResetLink>
