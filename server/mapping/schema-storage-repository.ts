import { createStorage, defineDriver, type Storage } from 'unstorage'
import type { Collections } from '../database/collections'

/**
 * Nitro storage kept in MongoDB, so that all processes share what one of them has read from
 * HubSpot.
 */
const collectionDriver = defineDriver((schemaCache: Collections['schemaCache']) => ({
  name: 'mongodb-collection',
  options: schemaCache,
  async hasItem(key: string) {
    return (await schemaCache.findOne({ _id: key }, { projection: { _id: 1 } })) !== null
  },
  async getItem(key: string) {
    return (await schemaCache.findOne({ _id: key }))?.value ?? null
  },
  async setItem(key: string, value: string) {
    await schemaCache.updateOne({ _id: key }, { $set: { value, at: new Date() } }, { upsert: true })
  },
  async removeItem(key: string) {
    await schemaCache.deleteOne({ _id: key })
  },
  async getKeys() {
    return (await schemaCache.find({}, { projection: { _id: 1 } }).toArray()).map(item => item._id)
  },
}))

/**
 * A storage for HubSpot's pipelines and properties: what may be lost, and is read again when it is.
 */
export function createSchemaStorage({ schemaCache }: Collections): Storage {
  return createStorage({ driver: collectionDriver(schemaCache) })
}
