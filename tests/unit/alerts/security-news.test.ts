import { expect, test } from 'vitest'
import { newsOf } from '../../../server/alerts/security-news'
import type { AuditEntry } from '../../../server/database/audit'

const ada = {
  kind: 'user' as const,
  user_id: null,
  email: 'ada@partner.example',
  from: { address: '203.0.113.9', userAgent: 'curl/8', correlationId: 'c' },
}
const line = (action: string, details: AuditEntry['details'] = {}): AuditEntry => ({
  partnerId: null,
  actor: ada,
  action,
  details,
})

test.each([
  ['hubspot.connect', { portalId: '1', previousPortalId: null }, 'account_connected'],
  ['hubspot.connect', { portalId: '2', previousPortalId: '1' }, 'account_changed'],
  ['hubspot.settings', { writeBack: true }, 'write_back_on'],
  ['hubspot.settings', { paused: true, pauseReason: 'Fair week' }, 'sync_paused'],
  ['records.export', { kind: 'leads' }, 'records_exported'],
  ['audit.exported', {}, 'records_exported'],
  ['signed_in', { newPlace: true }, 'new_place'],
  ['passkey.added', {}, 'passkey_changed'],
  ['passkey.removed', {}, 'passkey_changed'],
  ['recovery_codes.renewed', {}, 'passkey_changed'],
])('%s with %j is told to admins as %s, with who it was', (action, details, kind) => {
  const news = newsOf(line(action, details))
  expect(news?.kind).toBe(kind)
  expect(news?.message).toContain(ada.email)
  expect(newsOf({ ...line(action, details), outcome: 'failed' })).toBeNull()
})

test('the address of the request is told where security is concerned', () => {
  expect(newsOf(line('hubspot.connect', { portalId: '1' }))?.message).toContain('203.0.113.9')
})

test.each([
  ['hubspot.settings', { writeBack: false }],
  ['signed_in', { newPlace: false }],
  ['sync.requested', {}],
])('%s with %j is no news', (action, details) => {
  expect(newsOf(line(action, details))).toBeNull()
})
