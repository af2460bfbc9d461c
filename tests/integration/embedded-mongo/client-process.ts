import { MongoClient } from 'mongodb'

// One of several clients: increments a shared counter and inserts documents of its own, many at
// once.
const [uri = '', database = '', name = '', rounds = '0'] = process.argv.slice(2)
const client = new MongoClient(uri, { maxPoolSize: 20 })
const db = client.db(database)
const counters = db.collection<{ _id: string; value: number }>('counters')
const seen = await Promise.all(
  Array.from({ length: Number(rounds) }, async (_, i) => {
    await db.collection('documents').insertOne({ name, i })
    const counter = await counters.findOneAndUpdate(
      { _id: 'shared' },
      { $inc: { value: 1 } },
      { upsert: true, returnDocument: 'after' },
    )
    return counter?.value
  }),
)
await client.close()
process.stdout.write(`${JSON.stringify(seen)}\n`)
