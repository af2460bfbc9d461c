import { MongoClient } from 'mongodb'
import { expect, it, vi } from 'vitest'
import { testDatabase } from '../../support/mongo'
import { runScript } from './run'

// Four processes load TypeScript and the driver, and write 2,000 documents to the journal; on a
// busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 })

it('serves four client processes at once, each update atomic', async () => {
  const { uri, database, drop } = await testDatabase()
  const names = ['a', 'b', 'c', 'd']
  const rounds = 250
  const clients = names.map(name =>
    runScript('./client-process.ts', [uri, database, name, String(rounds)]),
  )
  const ends = await Promise.all(clients.map(client => client.ended))
  expect(ends.map(end => ({ code: end.code, stderr: end.stderr }))).toEqual(
    names.map(() => ({ code: 0, stderr: [] })),
  )

  const seen = ends.flatMap(end => JSON.parse(end.stdout.join('')) as number[])
  expect(seen.sort((a, b) => a - b)).toEqual(
    Array.from({ length: names.length * rounds }, (_, i) => i + 1),
  )
  const client = new MongoClient(uri)
  const documents = client.db(database).collection('documents')
  for (const name of names) expect(await documents.countDocuments({ name })).toBe(rounds)
  await client.close()
  await drop()
})

it('gives every caller a database of its own and removes it', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()])
  expect(one.database).toMatch(/^pc-test-/)
  expect(one.database).not.toBe(other.database)
  const client = new MongoClient(one.uri)
  await client.db(one.database).collection('x').insertOne({})
  await client.db(other.database).collection('x').insertOne({})
  await one.drop()
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true })
  const names = databases.map(database => database.name)
  expect(names).not.toContain(one.database)
  expect(names).toContain(other.database)
  await client.close()
  await other.drop()
})
