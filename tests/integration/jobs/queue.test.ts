import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createDatabase, type Database } from '../../../server/database/client'
import { jobConcurrency, jobsCollection, type JobName } from '../../../server/jobs/names'
import { createQueue, type Handler, type Queue } from '../../../server/jobs/queue'
import { createLog } from '../../../server/observability/log'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startMongoProxy, type MongoProxy } from '../../support/mongo-proxy'
import { until } from '../../support/until'

const dayMs = 24 * 60 * 60 * 1000
let own: TestDatabase
let proxy: MongoProxy
let database: Database
let queue: Queue
let now = () => new Date()
let work: Handler = async () => {}
beforeAll(async () => {
  own = await testDatabase()
  proxy = await startMongoProxy(inject('mongodbUri'))
  database = createDatabase({ uri: proxy.uri, database: own.database })
  await database.prepare()
  queue = createQueue({ db: database.db, clock: () => now(), log: createLog({ level: 'silent' }) })
  const names = Object.keys(jobConcurrency) as JobName[]
  await queue.start(
    Object.fromEntries(names.map(name => [name, (data: object) => work(data)])) as Record<
      JobName,
      Handler
    >,
  )
})
afterAll(async () => {
  await queue.stop()
  await database.close()
  await proxy.stop()
  await own.drop()
})

const jobs = () => database.db.collection(jobsCollection).find({ name: 'webhook-drain' }).toArray()
const ended = () =>
  until(
    async () => {
      const [job] = await jobs()
      return job?.lastFinishedAt instanceof Date && !job.lockedAt ? job : undefined
    },
    'the job has ended and stays',
    { timeoutMs: 20_000 },
  )

async function expectPrunedAfterADay(): Promise<void> {
  await queue.prune()
  expect(await jobs()).toHaveLength(1)
  now = () => new Date(Date.now() + 1.1 * dayMs)
  await queue.prune()
  now = () => new Date()
  expect(await jobs()).toEqual([])
}

test('a job that failed is removed a day later', async () => {
  work = () => Promise.reject(new Error('a failure of this test'))
  await queue.add('webhook-drain', {})
  await ended()
  await expectPrunedAfterADay()
})

test('a job that was done and could not be removed is removed a day later', async () => {
  work = async () => {}
  proxy.inject({
    commands: ['delete'],
    collections: [jobsCollection],
    action: { kind: 'refuse', code: 10_107 },
  })
  await queue.add('webhook-drain', {})
  await ended()
  await until(() => proxy.hits('refuse') === 1, 'the removal was refused')
  await expectPrunedAfterADay()
})

test('the queue makes one collection, its own', async () => {
  const names = (await database.db.listCollections({}, { nameOnly: true }).toArray()).map(
    ({ name }) => name,
  )
  expect(names).toContain(jobsCollection)
  expect(names.filter(name => name.includes('agenda'))).toEqual([])
})

test('a job that is stored by a process whose clock is ahead begins at once elsewhere', async () => {
  const ahead = createDatabase({
    uri: own.uri,
    database: own.database,
    processClock: () => new Date(Date.now() + 10 * 60_000),
  })
  const stores = createQueue({
    db: ahead.db,
    clock: ahead.clock,
    log: createLog({ level: 'silent' }),
  })
  try {
    await ahead.prepare()
    let done = false
    work = async () => void (done = true)
    await stores.add('webhook-drain', {})
    await until(() => done, 'the job is done', { timeoutMs: 20_000 })
  } finally {
    await stores.stop()
    await ahead.close()
  }
})
