import type { H3Event } from 'h3'
import type { SignedIn } from '../accounts/sessions'
import { userActor } from '../database/audit'
import type { Services } from '../services'
import { clientAddress } from './client-address'

/** Refusals that may be an attack. That somebody is not signed in is an everyday thing. */
const noted = new Set([
  'invalid_credentials',
  'too_many_attempts',
  'forbidden',
  'csrf_rejected',
  'invalid_signature',
  'step_up_required',
  'callback_refused',
])
/** Lines in the audit log for one person and route: one a minute is enough to know of it */
const auditEveryMs = 60_000
const mostRemembered = 10_000
const lastAudited = new Map<string, number>()

interface Context {
  signedIn?: SignedIn | null
  /** The account that a request tried to act as, before anybody is signed in */
  triedAccount?: string
  correlationId?: string
  matchedRoute?: { path?: string }
}

/** Remembers who tries to sign in, for the security event of a refusal. */
export function noteTriedAccount(event: H3Event, email: string): void {
  ;(event.context as Context).triedAccount = email.trim().toLowerCase()
}

/** Notes a refusal: in the log and the metrics, and in the audit log when somebody is signed in. */
export function noteRefusal(event: H3Event, services: Services, code: string): void {
  if (!noted.has(code)) return
  const { signedIn, triedAccount, correlationId = '', matchedRoute } = event.context as Context
  const route = matchedRoute?.path ?? 'unknown'
  services.security.note({
    code,
    route,
    requestId: correlationId,
    address: clientAddress(event, services.configuration.trustedProxies),
    account: signedIn?.user.id.toHexString() ?? triedAccount ?? null,
  })
  // A refused callback has an audit line of its own.
  if (!signedIn || code === 'callback_refused') return
  const key = `${signedIn.user.id.toHexString()} ${code} ${route}`
  const now = Date.now()
  if (now - (lastAudited.get(key) ?? 0) < auditEveryMs) return
  if (lastAudited.size >= mostRemembered) lastAudited.clear()
  lastAudited.set(key, now)
  services.audit
    .record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'request_refused',
      outcome: 'refused',
      target: route,
      details: { code },
    })
    .catch(() => {
      // The refusal stands in the log; the database may be away.
    })
}
