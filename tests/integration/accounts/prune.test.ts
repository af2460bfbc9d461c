import { randomBytes } from 'node:crypto'
import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccounts } from '../../../server/accounts/index'
import { createDatabase, type Database } from '../../../server/database/client'
import { createMetrics } from '../../../server/observability/metrics'
import { testDatabase, type TestDatabase } from '../../support/mongo'

const now = new Date('2026-11-24T12:00:00.000Z')
const hours = (count: number) => new Date(now.getTime() + count * 3_600_000)
let store: TestDatabase
let database: Database

beforeAll(async () => {
  store = await testDatabase()
  database = createDatabase(store)
})
afterAll(async () => {
  await database.close()
  await store.drop()
})

test('what ran out a day ago is removed, what still counts stays', async () => {
  const { sessions, loginAttempts } = database.collections
  const accounts = createAccounts({
    collections: database.collections,
    clock: () => now,
    jwtSecret: randomBytes(32),
    secureCookies: false,
    metrics: createMetrics(),
  })
  const session = (expires_at: Date) => ({
    _id: new ObjectId(),
    user_id: new ObjectId(),
    partner_id: new ObjectId(),
    created_at: now,
    last_seen_at: now,
    expires_at,
    revoked_at: null,
  })
  const attempt = (_id: string, window_until: Date, blocked_until: Date | null) => ({
    _id,
    failures: 3,
    window_until,
    blocked_until,
  })
  const [old, expired, live] = [session(hours(-25)), session(hours(-1)), session(hours(1))]
  await sessions.insertMany([old, expired, live])
  await loginAttempts.insertMany([
    attempt('old', hours(-25), null),
    attempt('blocked', hours(-25), hours(1)),
    attempt('recent', hours(-1), null),
  ])
  await accounts.prune()
  expect((await sessions.find().toArray()).map(({ _id }) => _id)).toEqual([expired._id, live._id])
  expect((await loginAttempts.find().toArray()).map(({ _id }) => _id)).toEqual([
    'blocked',
    'recent',
  ])
})
