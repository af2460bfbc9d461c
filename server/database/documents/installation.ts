import type { ObjectId } from 'mongodb'

/** Leases, budgets, notices, the audit log and facts about the installation. */

export interface LeaseDocument {
  owner: string
  /** Grows by one with each holder; every write under the lease carries it */
  fence: number
  until: Date
}

export interface AuditDocument {
  _id: ObjectId
  partner_id: ObjectId | null
  /** Who: a user, a service key by its id and name, HubSpot or the system */
  actor: {
    kind: 'user' | 'service_key' | 'hubspot' | 'system'
    user_id: ObjectId | null
    email: string | null
  }
  action: string
  outcome: 'ok' | 'refused' | 'failed'
  /** What was acted upon: an id of ours or of HubSpot's; lines of earlier versions have none */
  target?: string | null
  /** The session that asked; of nobody's request `null`. Lines of earlier versions have none */
  session_id?: ObjectId | null
  /** The network address that asked; the same */
  address?: string | null
  /** The program that asked, by its own words: at most 256 printable characters; the same */
  user_agent?: string | null
  /** Small, closed facts: codes, counts, portal ids. No personal data, no secret. */
  details: Record<string, string | number | boolean | null>
  correlation_id: string | null
  at: Date
}

/**
 * The request budget of one HubSpot portal: what was let go in the present window, and the pause
 * after a 429.
 */
export interface PaceDocument {
  /** `<portal id>:general` or `<portal id>:search` */
  _id: string
  /** When requests were let go, by the database's clock; never more than one window takes */
  grants: Date[]
  paused_until: Date | null
  /** Until then fewer requests leave in one window: HubSpot answered 429; absent: it did not */
  cautious_until?: Date
  /**
   * The answer to whoever asked last: requests let go, and how long to wait for the next otherwise
   */
  granted: number
  wait_ms: number
  /** What HubSpot last said of its own count, in an answer's headers */
  reported?: {
    limit: number
    remaining: number
    daily_limit: number | null
    daily_remaining: number | null
    at: Date
  }
}

/** What people have to be told: partner admins in the app and by e-mail, the operator by e-mail. */
export interface NoticeDocument {
  _id: ObjectId
  /** `null`: for the operator */
  partner_id: ObjectId | null
  /** One open notice per partner and key */
  key: string
  kind: string
  message: string
  created_at: Date
  /** The last time that the trouble was reported or seen */
  raised_at: Date
  /** When its e-mail is tried (again); `null` once sent or when none is to be sent */
  email_due_at: Date | null
  email_attempts: number
  emailed_at: Date | null
  resolved_at: Date | null
  /** Addresses that have its e-mail already, should sending to the others fail */
  emailed_to?: string[]
  /** When it was first sent out, by e-mail or webhook; absent: it was not */
  told_at?: Date
  /** When it is sent to the partner's own address (again); absent or `null`: not, or done */
  webhook_due_at?: Date | null
  webhook_attempts?: number
  /** It was taken, and those that leave together with it are being taken */
  email_gathers?: boolean
  webhook_gathers?: boolean
}

/** Somebody works on an account's grant at HubSpot: a clean-up, or a connection being stored */
export interface PortalReservationDocument {
  /** The portal */
  _id: string
  owner: string
  until: Date
  /** When a clean-up ended last; absent: none did lately */
  cleaned_at?: Date
}

/** Requests of one kind that one person or partner made in the present minute */
export interface RequestLimitDocument {
  /** Kind of request, and who makes it */
  _id: string
  since: Date
  count: number
  /** The answer to whoever asked last */
  granted: boolean
}

/** The event streams that one session has open, in any process */
export interface OpenStreamsDocument {
  /** The session */
  _id: string
  places: { stream: string; until: Date }[]
  /** The document is of no use after this */
  until: Date
  /** The answer to whoever asked last */
  granted: boolean
}

/** Facts about the installation: key canary, schema. */
export interface MetaDocument {
  _id: string
  [field: string]: unknown
}
