import type { noticeKinds } from '#shared/contracts/notices'

export type PartnerAlertKind = (typeof noticeKinds)[number]
export type OperatorAlertKind = 'hubspot_configuration' | 'token_unreadable' | 'cannot_seal'
export type AlertKind = PartnerAlertKind | OperatorAlertKind

interface AlertRule {
  /** Who can do something about it */
  audience: 'partner' | 'operator'
  /** Subject of the e-mail; `null`: none is sent */
  subject: string | null
  /** The page where a partner's admin goes on */
  path: string
}

/** Each kind of alert: whom it is for, and what the e-mail is called. */
export const alertRules: Record<AlertKind, AlertRule> = {
  reauthorization_required: {
    audience: 'partner',
    subject: 'HubSpot needs to be connected again',
    path: '/settings/hubspot',
  },
  sync_stale: {
    audience: 'partner',
    subject: 'HubSpot has not been synchronized for a while',
    path: '/settings/hubspot/activity',
  },
  mapping_drift: {
    audience: 'partner',
    subject: 'A HubSpot deal stage has changed',
    path: '/settings/hubspot/mapping',
  },
  remote_cleanup_failed: { audience: 'partner', subject: null, path: '/settings/hubspot' },
  hubspot_configuration: {
    audience: 'operator',
    subject: "HubSpot refuses the app's client id, secret or redirect URI",
    path: '/settings/hubspot/health',
  },
  token_unreadable: {
    audience: 'operator',
    subject: 'A stored HubSpot token cannot be read',
    path: '/settings/hubspot/health',
  },
  cannot_seal: {
    audience: 'operator',
    subject: 'HubSpot tokens cannot be encrypted',
    path: '/settings/hubspot/health',
  },
}
