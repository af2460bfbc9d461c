import type { AuditEntry } from '../database/audit'
import type { NewsKind } from './kinds'

/** What an audit line means for a partner's admins, in words; `null`: nothing they are mailed. */
export function newsOf({ action, outcome = 'ok', actor, details = {} }: AuditEntry): {
  kind: NewsKind
  message: string
} | null {
  if (outcome !== 'ok') return null
  const who = actor.email ?? 'Somebody'
  const where = actor.from?.address ? ` The request came from ${actor.from.address}.` : ''
  const news = (kind: NewsKind, what: string) => ({ kind, message: `${who} ${what}.${where}` })
  switch (action) {
    case 'hubspot.connect':
      return details.previousPortalId
        ? news(
            'account_changed',
            `connected HubSpot account ${details.portalId} in place of ${details.previousPortalId}`,
          )
        : news('account_connected', `connected HubSpot account ${details.portalId}`)
    case 'hubspot.settings':
      if (details.paused === true)
        return {
          kind: 'sync_paused',
          message:
            `${who} paused syncing with HubSpot. Nothing is read or written until an admin resumes.` +
            (details.pauseReason ? ` Reason: ${String(details.pauseReason)}` : ''),
        }
      return details.writeBack === true
        ? news('write_back_on', 'switched write-back on: changes made here go to HubSpot')
        : null
    case 'records.export':
      return news('records_exported', `exported ${details.kind}`)
    case 'audit.exported':
      return news('records_exported', 'exported the audit log')
    case 'signed_in':
      return details.newPlace === true
        ? news('new_place', 'signed in from a browser that was not known before')
        : null
    case 'passkey.added':
      return news('passkey_changed', 'added a passkey')
    case 'passkey.removed':
      return news('passkey_changed', 'removed a passkey')
    case 'recovery_codes.renewed':
      return news('passkey_changed', 'made new recovery codes')
    default:
      return null
  }
}
