import { z } from 'zod'
import { Id, Instant } from './primitives'

/** base64url, as WebAuthn's JSON forms have it */
const Base64url = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\w-]+$/)
const Transports = z.array(z.string().max(32)).max(10)

/** What browsers add and nobody needs is dropped, not refused. */
export const RegistrationResponse = z.object({
  id: Base64url(1400),
  rawId: Base64url(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: Base64url(8000),
    attestationObject: Base64url(40_000),
    transports: Transports.optional(),
  }),
})
export type RegistrationResponse = z.infer<typeof RegistrationResponse>

export const AssertionResponse = z.object({
  id: Base64url(1400),
  rawId: Base64url(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: Base64url(8000),
    authenticatorData: Base64url(8000),
    signature: Base64url(4000),
    userHandle: Base64url(200).nullish(),
  }),
})
export type AssertionResponse = z.infer<typeof AssertionResponse>

/** For `navigator.credentials`: what the browser is asked, in WebAuthn's JSON form. */
export const CeremonyOptions = z.looseObject({ challenge: z.string() })
export type CeremonyOptions = z.infer<typeof CeremonyOptions>

const PasskeyName = z.string().trim().min(1).max(60)

export const Passkey = z.object({
  id: Id,
  name: z.string(),
  createdAt: Instant,
  lastUsedAt: Instant.nullable(),
  /** A copy is kept by the maker of the device, or by a password manager */
  backedUp: z.boolean(),
})
export type Passkey = z.infer<typeof Passkey>

export const PasskeyList = z.object({
  items: z.array(Passkey),
  /** Recovery codes that were not used yet */
  recoveryCodes: z.number().int(),
  /** There is a password as well */
  hasPassword: z.boolean(),
  /** The organisation asks for one */
  required: z.boolean(),
})
export type PasskeyList = z.infer<typeof PasskeyList>

export const PasskeyBody = z.strictObject({
  name: PasskeyName,
  response: RegistrationResponse,
})

export const PasskeyRegistered = z.object({
  passkey: Passkey,
  /** With the first passkey, shown this once; `null` later */
  recoveryCodes: z.array(z.string()).nullable(),
})
export type PasskeyRegistered = z.infer<typeof PasskeyRegistered>

export const PasskeyPatch = z.strictObject({ name: PasskeyName })

export const PasskeySignInBody = z.strictObject({ response: AssertionResponse })

export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })
export type RecoveryCodes = z.infer<typeof RecoveryCodes>

/** In place of a lost passkey: a recovery code, and the password where the account has one. */
export const RecoveryBody = z.strictObject({
  email: z.string().min(1).max(254),
  code: z.string().min(1).max(100),
  password: z.string().min(1).max(256).optional(),
})

/** Who is signed in proves it again: by the password or by a passkey. */
export const StepUpBody = z
  .strictObject({
    password: z.string().min(1).max(256).optional(),
    assertion: AssertionResponse.optional(),
  })
  .refine(
    body => (body.password === undefined) !== (body.assertion === undefined),
    'needs a password or the assertion of a passkey',
  )

export const SteppedUp = z.object({ validUntil: Instant })
export type SteppedUp = z.infer<typeof SteppedUp>

/** What a partner's admins ask of its people. */
export const SignInRules = z.object({ passkeysRequired: z.boolean() })
export type SignInRules = z.infer<typeof SignInRules>
export const SignInRulesPut = z.strictObject({ passkeysRequired: z.boolean() })
