import { MongoClient, ObjectId } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectionsOf } from '../../../server/database/collections'
import { ensureIndexes } from '../../../server/database/ensure-indexes'
import { createOperationExecutor } from '../../../server/operations/execute'
import { createOperationsRepository } from '../../../server/operations/repository'
import type { Step } from '../../../server/operations/step'
import { createLog } from '../../../server/observability/log'
import { testDatabase, type TestDatabase } from '../../support/mongo'

const partnerId = new ObjectId()
let test: TestDatabase
let client: MongoClient

beforeAll(async () => {
  test = await testDatabase()
  client = new MongoClient(test.uri, { ignoreUndefined: true })
})
afterAll(async () => {
  await client.close()
  await test.drop()
})

/** Two processes that share a database. @param leaseMs the shorter, the sooner one is taken over */
async function processes(leaseMs: number) {
  const collections = collectionsOf(client.db(test.database))
  await ensureIndexes(collections)
  const repository = createOperationsRepository({ collections, clock: () => new Date(), leaseMs })
  const ended: string[] = []
  const start = (name: string, step: () => Promise<Step>) =>
    createOperationExecutor({
      repository,
      leaseMs,
      runners: {
        bulk_edit: step,
        undo: () => Promise.reject(new Error('not asked for')),
        import: () => Promise.reject(new Error('not asked for')),
      },
      queue: { add: () => Promise.resolve() },
      onLocalChange: async () => {},
      onEnded: () => Promise.resolve(void ended.push(name)),
      log: createLog({ level: 'silent' }),
    })
  const operation = await repository.create(partnerId, {
    task: { kind: 'bulk_edit', object: 'lead', which: { ids: [] }, patch: {} },
    by: null,
    total: 1,
  })
  return { collections, ended, start, id: operation._id }
}
const last: Step = { next: null, done: 1, outcomes: [] }

it('keeps an operation while one of its steps lasts longer than the lease', async () => {
  const { collections, start, id } = await processes(400)
  const leaseOf = async () => (await collections.operations.findOne({ _id: id }))?.lease
  const executor = start('one', async () => {
    const before = await leaseOf()
    await expect
      .poll(async () => (await leaseOf())?.until.getTime(), { timeout: 20_000 })
      .toBeGreaterThan(before?.until.getTime() ?? Infinity)
    return last
  })
  await executor.execute(id)
  expect(await collections.operations.findOne({ _id: id })).toMatchObject({ status: 'succeeded' })
})

it('throws nothing away for an operation that another process has taken over', async () => {
  const { collections, ended, start, id } = await processes(60_000)
  const taken = start('two', () => Promise.resolve(last))
  const frozen = start('one', async () => {
    // This process was silent for so long that another one took the operation over and ended it.
    await collections.operations.updateOne({ _id: id }, { $set: { 'lease.until': new Date(0) } })
    await taken.execute(id)
    throw new Error('woken too late')
  })
  await frozen.execute(id)
  expect(ended).toEqual(['two'])
  expect(await collections.operations.findOne({ _id: id })).toMatchObject({
    status: 'succeeded',
    counts: { done: 1, failed: 0 },
  })
})
