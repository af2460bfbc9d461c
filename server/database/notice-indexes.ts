import type { IndexDefinition } from './list-indexes'

/** For each query about notices, and about how they are sent. */
export const noticeIndexes: IndexDefinition[] = [
  {
    collection: 'notices',
    keys: { partner_id: 1, key: 1 },
    options: {
      name: 'one_open_notice',
      unique: true,
      partialFilterExpression: { resolved_at: null },
    },
  },
  {
    collection: 'notices',
    keys: { partner_id: 1, key: 1, emailed_at: -1 },
    options: { name: 'last_emailed' },
  },
  { collection: 'notices', keys: { resolved_at: 1, kind: 1 }, options: { name: 'by_resolution' } },
  { collection: 'notices', keys: { email_due_at: 1 }, options: { name: 'email_due' } },
  {
    collection: 'notices',
    keys: { webhook_due_at: 1 },
    options: { name: 'webhook_due', sparse: true },
  },
  {
    collection: 'notices',
    keys: { partner_id: 1, told_at: -1 },
    options: { name: 'last_told' },
  },
  {
    collection: 'users',
    keys: { 'notice_digest.due_at': 1 },
    options: { name: 'digest_due', sparse: true },
  },
]
