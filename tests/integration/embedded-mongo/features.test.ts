import { MongoClient, MongoBulkWriteError, type Collection, type Db } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testDatabase, type TestDatabase } from '../../support/mongo'

// What the app builds on, shown on the server of this run: the embedded engine, or the one
// TEST_MONGODB_URI names.
interface Item {
  _id: number | string
  name?: string
  portal?: string | null
  value?: number
  at?: Date
  items?: Item[]
}

let test: TestDatabase
let client: MongoClient
let db: Db
let items: Collection<Item>
let collections = 0

beforeAll(async () => {
  test = await testDatabase()
  client = new MongoClient(test.uri)
  db = client.db(test.database)
})
afterAll(async () => {
  await client.close()
  await test.drop()
})
beforeEach(() => {
  collections += 1
  items = db.collection<Item>(`items-${collections}`)
})

describe('atomic updates', () => {
  it('findOneAndUpdate takes an aggregation pipeline with database time', async () => {
    await items.insertOne({ _id: 1, value: 1 })
    const before = Date.now()
    const updated = await items.findOneAndUpdate(
      { _id: 1 },
      [{ $set: { at: '$$NOW', value: { $add: ['$value', 1] } } }],
      { returnDocument: 'after' },
    )
    expect(updated?.value).toBe(2)
    expect(Math.abs((updated?.at?.getTime() ?? 0) - before)).toBeLessThan(5_000)
  })

  it('gives a lease to exactly one of many callers', async () => {
    await items.insertOne({ _id: 1, at: new Date(0) })
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        items.findOneAndUpdate({ _id: 1, $expr: { $lt: ['$at', '$$NOW'] } }, [
          {
            $set: {
              at: { $dateAdd: { startDate: '$$NOW', unit: 'minute', amount: 1 } },
              name: `caller ${i}`,
            },
          },
        ]),
      ),
    )
    expect(answers.filter(answer => answer !== null)).toHaveLength(1)
  })

  it('upserts of one key by many callers make one document', async () => {
    await items.createIndex({ name: 1 }, { unique: true })
    await Promise.all(
      Array.from({ length: 50 }, () =>
        items.updateOne({ name: 'one' }, { $inc: { value: 1 } }, { upsert: true }),
      ),
    )
    expect(await items.find().toArray()).toEqual([
      expect.objectContaining({ name: 'one', value: 50 }),
    ])
  })
})

describe('bulk writes', () => {
  it('upserts many and tells inserted from changed', async () => {
    const operations = (value: number) =>
      Array.from({ length: 500 }, (_, i) => ({
        updateOne: {
          filter: { _id: i },
          update: { $set: { value }, $setOnInsert: { name: `n${i}` } },
          upsert: true,
        },
      }))
    expect((await items.bulkWrite(operations(1), { ordered: false })).upsertedCount).toBe(500)
    const again = await items.bulkWrite(operations(2), { ordered: false })
    expect([again.matchedCount, again.modifiedCount, again.upsertedCount]).toEqual([500, 500, 0])
  })

  it('an unordered insert names every duplicate and stores the rest', async () => {
    await items.insertMany([{ _id: 1 }, { _id: 3 }])
    const error: unknown = await items
      .insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }, { _id: 4 }], { ordered: false })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(MongoBulkWriteError)
    const { code, result, writeErrors } = error as MongoBulkWriteError
    expect(code).toBe(11000)
    expect([writeErrors].flat().map(one => one.index)).toEqual([0, 2])
    expect(result.insertedCount).toBe(2)
    expect(await items.countDocuments()).toBe(4)
  })
})

describe('indexes', () => {
  it('a unique partial index binds only the documents it covers', async () => {
    await items.createIndex(
      { portal: 1 },
      { unique: true, partialFilterExpression: { portal: { $type: 'string' } } },
    )
    await items.insertMany([
      { _id: 1, portal: null },
      { _id: 2, portal: null },
      { _id: 3 },
      { _id: 4, portal: '42' },
    ])
    const refusal = items.insertOne({ _id: 5, portal: '42' })
    await expect(refusal).rejects.toMatchObject({
      code: 11000,
      keyPattern: { portal: 1 },
      keyValue: { portal: '42' },
    })
    await expect(items.updateOne({ _id: 1 }, { $set: { portal: '42' } })).rejects.toMatchObject({
      code: 11000,
    })
  })

  it('text, collation and regular expressions find what they should', async () => {
    await items.createIndex({ name: 'text' })
    await items.createIndex({ name: 1 }, { name: 'case', collation: { locale: 'en', strength: 2 } })
    await items.insertMany([
      { _id: 1, name: 'Ada Lovelace' },
      { _id: 2, name: 'Grace Hopper' },
    ])
    expect(
      (await items.find({ $text: { $search: 'hopper' } }).toArray()).map(item => item._id),
    ).toEqual([2])
    expect(
      (
        await items
          .find({ name: 'ada lovelace' })
          .collation({ locale: 'en', strength: 2 })
          .toArray()
      ).map(item => item._id),
    ).toEqual([1])
    expect(
      (await items.find({ name: { $regex: '^GRACE', $options: 'i' } }).toArray()).map(
        item => item._id,
      ),
    ).toEqual([2])
  })

  it('explain shows that an index serves a query and its order', async () => {
    await items.createIndex({ name: 1, value: -1 })
    await items.insertMany(
      Array.from({ length: 100 }, (_, i) => ({ _id: i, name: `n${i % 5}`, value: i })),
    )
    const plan = await items
      .find({ name: 'n1' })
      .sort({ value: -1 })
      .limit(5)
      .explain('executionStats')
    expect(JSON.stringify(plan)).toContain('IXSCAN')
    expect(JSON.stringify(plan)).not.toMatch(/"stage":"(?:SORT|COLLSCAN)"/)
    expect(plan.executionStats.totalDocsExamined).toBe(5)
  })
})

describe('reading', () => {
  it('pages, counts and ends a cursor of many batches', async () => {
    await items.insertMany(Array.from({ length: 1_000 }, (_, i) => ({ _id: i, value: i % 10 })))
    expect(await items.countDocuments({ value: { $gte: 5 } })).toBe(500)
    expect(await items.estimatedDocumentCount()).toBe(1_000)
    const page = await items
      .find({ _id: { $gt: 499 } })
      .sort({ _id: 1 })
      .limit(3)
      .project({ _id: 1 })
      .toArray()
    expect(page).toEqual([{ _id: 500 }, { _id: 501 }, { _id: 502 }])
    let read = 0
    for await (const item of items.find({}, { batchSize: 7 })) if (item) read += 1
    expect(read).toBe(1_000)
  })

  it('aggregates with facets, groups and look-ups', async () => {
    await items.insertMany([
      { _id: 1, value: 2, name: 'a' },
      { _id: 2, value: 3, name: 'a' },
      { _id: 3, value: 5, name: 'b' },
    ])
    const [facets] = await items
      .aggregate([
        {
          $facet: {
            byName: [{ $group: { _id: '$name', sum: { $sum: '$value' } } }, { $sort: { _id: 1 } }],
            all: [{ $count: 'count' }],
          },
        },
      ])
      .toArray()
    expect(facets).toEqual({
      byName: [
        { _id: 'a', sum: 5 },
        { _id: 'b', sum: 5 },
      ],
      all: [{ count: 3 }],
    })
    const [joined] = await items
      .aggregate<Item>([
        { $match: { _id: 1 } },
        {
          $lookup: {
            from: items.collectionName,
            localField: 'name',
            foreignField: 'name',
            as: 'items',
          },
        },
      ])
      .toArray()
    expect(joined?.items?.map(item => item._id)).toEqual([1, 2])
  })

  it.each([1, 10, 100])('serves 500 operations at once over a pool of %i', async maxPoolSize => {
    const pooled = new MongoClient(test.uri, { maxPoolSize })
    const counter = pooled.db(test.database).collection<Item>(items.collectionName)
    await counter.insertOne({ _id: 1, value: 0 })
    await Promise.all(
      Array.from({ length: 500 }, () => counter.updateOne({ _id: 1 }, { $inc: { value: 1 } })),
    )
    expect((await counter.findOne({ _id: 1 }))?.value).toBe(500)
    await pooled.close()
  })
})

// Nothing in the app may lean on these: the embedded engine has none of them. A failure here is
// good news and a reason to read design decisions anew.
describe.skipIf(process.env.TEST_MONGODB_URI)('what the embedded engine lacks', () => {
  it('sessions and with them transactions', async () => {
    await expect(client.withSession(session => items.findOne({}, { session }))).rejects.toThrow(
      'does not support sessions',
    )
  })

  it('change streams', async () => {
    const stream = items.watch()
    await expect(stream.tryNext()).rejects.toMatchObject({ code: 40573 })
    await stream.close()
  })

  it('collMod: an index is dropped and made anew', async () => {
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 60 })
    await expect(
      db.command({
        collMod: items.collectionName,
        index: { keyPattern: { at: 1 }, expireAfterSeconds: 90 },
      }),
    ).rejects.toMatchObject({ code: 59 })
    await items.dropIndex('at_1')
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 90 })
    expect((await items.indexes()).find(index => index.name === 'at_1')?.expireAfterSeconds).toBe(
      90,
    )
  })

  it('server-side JavaScript', async () => {
    await items.insertOne({ _id: 1 })
    await expect(items.find({ $where: 'true' }).toArray()).rejects.toMatchObject({
      codeName: expect.any(String),
    })
  })
})
