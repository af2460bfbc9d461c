import type { IndexDefinition } from './list-indexes'

/** For each query about people, their sessions, passkeys and keys, and about the audit log. */
export const peopleIndexes: IndexDefinition[] = [
  {
    collection: 'users',
    keys: { email: 1 },
    options: { name: 'one_user_per_email', unique: true },
  },
  { collection: 'users', keys: { partner_id: 1, role: 1 }, options: { name: 'by_partner' } },
  { collection: 'users', keys: { partner_id: 1, _id: 1 }, options: { name: 'by_partner_and_id' } },
  {
    collection: 'users',
    keys: { demo: 1 },
    options: { name: 'demo_users', partialFilterExpression: { demo: true } },
  },
  {
    collection: 'users',
    keys: { 'invitation.token_hash': 1 },
    options: {
      name: 'one_user_per_invitation',
      unique: true,
      partialFilterExpression: { 'invitation.token_hash': { $gt: '' } },
    },
  },
  {
    collection: 'users',
    keys: { 'password_reset.token_hash': 1 },
    options: {
      name: 'one_user_per_reset',
      unique: true,
      partialFilterExpression: { 'password_reset.token_hash': { $gt: '' } },
    },
  },
  { collection: 'sessions', keys: { user_id: 1, revoked_at: 1 }, options: { name: 'by_user' } },
  { collection: 'sessions', keys: { expires_at: 1 }, options: { name: 'expiry' } },
  {
    collection: 'passkeys',
    keys: { credential_id: 1 },
    options: { name: 'one_passkey_per_credential', unique: true },
  },
  { collection: 'passkeys', keys: { user_id: 1, _id: 1 }, options: { name: 'by_user' } },
  { collection: 'passkeyChallenges', keys: { expires_at: 1 }, options: { name: 'expiry' } },
  {
    collection: 'serviceKeys',
    keys: { key_hash: 1 },
    options: { name: 'one_key_per_hash', unique: true },
  },
  {
    collection: 'serviceKeys',
    keys: { partner_id: 1, revoked_at: 1, _id: -1 },
    options: { name: 'live_keys' },
  },
  { collection: 'auditLog', keys: { partner_id: 1, _id: -1 }, options: { name: 'newest_first' } },
  {
    collection: 'auditLog',
    keys: { partner_id: 1, 'actor.user_id': 1, _id: -1 },
    options: { name: 'by_person' },
  },
  {
    collection: 'auditLog',
    keys: { partner_id: 1, 'actor.email': 1, _id: -1 },
    options: { name: 'by_address' },
  },
  {
    collection: 'auditLog',
    keys: { partner_id: 1, action: 1, _id: -1 },
    options: { name: 'by_action' },
  },
  { collection: 'auditLog', keys: { at: 1 }, options: { name: 'by_age' } },
]
