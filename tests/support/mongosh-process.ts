import { runInNewContext } from 'node:vm'
import { BSON, MongoClient, ObjectId, type Db } from 'mongodb'

/**
 * Stands for MongoDB's shell where a document's commands are run: `mongosh URI --quiet --eval CODE`,
 * with `db.getSiblingDB`, collections as properties, `find`, `findOne` and `ObjectId`. The queries
 * are the driver's own; a collection that does not exist is a fault of the document.
 */
const [uri = '', ...options] = process.argv.slice(2)
const code = options[options.indexOf('--eval') + 1]
if (!options.includes('--eval') || code === undefined) throw new Error('Only --eval is understood')

const client = await MongoClient.connect(uri)

async function collection(database: Db, name: string) {
  const known = await database.listCollections({ name }, { nameOnly: true }).toArray()
  if (known.length === 0) throw new Error(`There is no collection ${name}`)
  return database.collection(name)
}

const shown = (database: Db): object =>
  new Proxy(
    { getSiblingDB: (name: string) => shown(client.db(name)) },
    {
      get(own, name: string) {
        if (name in own) return own[name as keyof typeof own]
        return {
          findOne: async (filter = {}, projection = {}) =>
            await (await collection(database, name)).findOne(filter, { projection }),
          find: (filter = {}, projection = {}) => ({
            toArray: async () =>
              await (await collection(database, name)).find(filter, { projection }).toArray(),
          }),
        }
      },
    },
  )

try {
  const found: unknown = await runInNewContext(code, {
    db: shown(client.db()),
    ObjectId: (id: string) => new ObjectId(id),
    process: { env: process.env },
  })
  console.log(BSON.EJSON.stringify(found))
} finally {
  await client.close()
}
