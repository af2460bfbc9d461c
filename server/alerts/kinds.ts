import type { noticeKinds } from '#shared/contracts/notices'

export type PartnerAlertKind = (typeof noticeKinds)[number]
export type OperatorAlertKind =
  'hubspot_configuration' | 'token_unreadable' | 'cannot_seal' | 'api_sunset'
/** What happened, for a partner's admins, by e-mail and webhook alone: no trouble that is over one day */
export type NewsKind =
  | 'account_connected'
  | 'account_changed'
  | 'write_back_on'
  | 'records_exported'
  | 'new_place'
  | 'passkey_changed'
  | 'sync_paused'
export type AlertKind = PartnerAlertKind | OperatorAlertKind | NewsKind

export interface AlertRule {
  /** Who can do something about it */
  audience: 'partner' | 'operator'
  /** Subject of the e-mail; `null`: none is sent */
  subject: string | null
  /** The page where a partner's admin goes on */
  path: string
  /** It tells of something that happened, and ends with its e-mail */
  isNews?: true
  /** It is about who gets in and what leaves: admins are always told at once */
  isSecurity?: true
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
  account_connected: {
    audience: 'partner',
    subject: 'HubSpot was connected',
    path: '/settings/hubspot',
    isNews: true,
    isSecurity: true,
  },
  account_changed: {
    audience: 'partner',
    subject: 'Another HubSpot account was connected',
    path: '/settings/hubspot',
    isNews: true,
    isSecurity: true,
  },
  write_back_on: {
    audience: 'partner',
    subject: 'Write-back to HubSpot was switched on',
    path: '/settings/hubspot',
    isNews: true,
    isSecurity: true,
  },
  records_exported: {
    audience: 'partner',
    subject: 'Data was exported',
    path: '/settings/audit',
    isNews: true,
    isSecurity: true,
  },
  new_place: {
    audience: 'partner',
    subject: 'A sign-in from a new browser',
    path: '/settings/audit',
    isNews: true,
    isSecurity: true,
  },
  passkey_changed: {
    audience: 'partner',
    subject: 'A way to sign in was changed',
    path: '/settings/audit',
    isNews: true,
    isSecurity: true,
  },
  sync_paused: {
    audience: 'partner',
    subject: 'Syncing with HubSpot was paused',
    path: '/settings/hubspot',
    isNews: true,
  },
  hubspot_configuration: {
    audience: 'operator',
    subject: "HubSpot refuses the app's client id, secret or redirect URI",
    path: '/settings/hubspot/installation',
  },
  token_unreadable: {
    audience: 'operator',
    subject: 'A stored HubSpot token cannot be read',
    path: '/settings/hubspot/installation',
  },
  api_sunset: {
    audience: 'operator',
    subject: 'HubSpot ends an API release that is called',
    path: '/settings/hubspot/installation',
  },
  cannot_seal: {
    audience: 'operator',
    subject: 'HubSpot tokens cannot be encrypted',
    path: '/settings/hubspot/installation',
  },
}

/**
 * The kinds that count together when many come at once. Each kind that is about security counts
 * alone: no flood of other notices holds it back.
 */
export function stormOf(kind: AlertKind): readonly AlertKind[] {
  if (alertRules[kind].isSecurity) return [kind]
  return (Object.keys(alertRules) as AlertKind[]).filter(other => !alertRules[other].isSecurity)
}
