import type { DoctorCheck } from '#shared/contracts/insight'

/** Checks about the partner's own connection; all others are about the installation */
const ofThePartner = new Set(['connection', 'scopes', 'portal', 'quota', 'field_mapping'])

/** What the other checks are about, in a partner's words */
const subjects: Record<string, string> = {
  redirect_uri: 'The address that HubSpot sends people back to',
  client_id: 'The client id',
  hubspot_addresses: 'The addresses of HubSpot',
  client_secret: 'The client secret',
  clock_skew: 'The clock',
  webhook_signature: 'The check of webhook signatures',
  webhook_url: 'The address for webhooks',
  encryption_keys: 'The keys that tokens are encrypted with',
  database: 'The database',
  indexes: 'The indexes of the database',
  api_versions: 'The release of HubSpot’s API in use',
  success_rate: 'The share of calls to HubSpot that succeed',
  alert_email: 'E-mail for alerts',
}

const verdicts: Record<DoctorCheck['status'], string> = {
  pass: 'in order',
  skipped: 'not examined',
  warn: 'to be looked at',
  fail: 'not in order',
}

/**
 * @returns a check as an admin of a partner may read it: of the installation, which serves other
 *   partners too, the verdict alone, without addresses, names of indexes and keys, or counts
 */
export function forPartner(check: DoctorCheck): DoctorCheck {
  const { id, status, fix } = check
  if (ofThePartner.has(id)) return check
  return {
    id,
    status,
    message: `${subjects[id] ?? 'The installation'}: ${verdicts[status]}.`,
    fix: fix && 'Tell whoever runs this installation. Their "npm run doctor" says more.',
  }
}
