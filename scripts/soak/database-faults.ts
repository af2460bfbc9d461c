import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { writeCommands, type MongoProxy } from '../../tests/support/mongo-proxy'
import type { createStory } from '../../tests/support/story'

type Story = ReturnType<typeof createStory>

/** What a server says when it is replaced or shut down, or is full. */
const codes = [91, 189, 262, 10_107, 11_600, 11_602, 13_435, 14_031]

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {})

/** One command in a hundred goes wrong, in every way that a connection and a server have. */
function faultsOfSingleCommands(proxy: MongoProxy): void {
  for (const when of ['before', 'after'] as const)
    proxy.inject({ times: null, share: 0.002, action: { kind: 'cut', when } })
  for (const code of codes)
    proxy.inject({ times: null, share: 0.0005, action: { kind: 'refuse', code } })
  for (const code of [64, 91, 11_602])
    proxy.inject({
      commands: ['insert', 'update', 'delete', 'findAndModify'],
      times: null,
      share: 0.0005,
      action: { kind: 'unconfirmed', code },
    })
  proxy.inject({ times: null, share: 0.002, action: { kind: 'delay', ms: 700 } })
}

/**
 * Faults of single commands all the time, and now and then the whole database: it stands still, is
 * gone, takes no writes, or breaks every connection.
 * @returns how many times the whole database was in trouble
 */
export async function troubleDatabase(
  proxy: MongoProxy,
  story: Story,
  over: AbortSignal,
): Promise<number> {
  let troubles = 0
  faultsOfSingleCommands(proxy)
  const kinds: (() => Promise<void>)[] = [
    async () => {
      proxy.freeze()
      await pause(500 + story.below(6000), over)
      proxy.thaw()
    },
    async () => {
      await proxy.goDown()
      await pause(500 + story.below(12_000), over)
      await proxy.comeUp()
    },
    async () => {
      const code = story.pick(codes) ?? 10_107
      proxy.inject({ commands: writeCommands, times: null, action: { kind: 'refuse', code } })
      await pause(500 + story.below(5000), over)
      proxy.clearFaults()
      faultsOfSingleCommands(proxy)
    },
    async () => proxy.breakAll(),
  ]
  while (!over.aborted) {
    await pause(8000 + story.below(15_000), over)
    if (over.aborted) break
    await story.pick(kinds)?.()
    troubles += 1
  }
  proxy.clearFaults()
  return troubles
}

/**
 * Has the primary of a real replica set step down now and then.
 * @returns how often it did
 * @throws when the server is no replica set, or does not permit it
 */
export async function stepDownAtRandom(
  uri: string,
  story: Story,
  over: AbortSignal,
): Promise<number> {
  const client = new MongoClient(uri)
  let stepDowns = 0
  try {
    while (!over.aborted) {
      await pause(10_000 + story.below(20_000), over)
      if (over.aborted) break
      const before = await primaryOf(client)
      await client
        .db('admin')
        .command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 })
        .catch((error: unknown) => {
          // A primary that steps down may break the connection that told it to.
          if ((error as { code?: unknown }).code !== undefined) throw error
        })
      if ((await primaryOf(client)) !== before) stepDowns += 1
    }
  } finally {
    await client.close()
  }
  return stepDowns
}

/**
 * Whether step-downs can be tried on this database.
 * @returns why not, in words; `null` when they can
 */
export async function whyNoStepDowns(uri: string | undefined): Promise<string | null> {
  if (!uri) return 'set TEST_MONGODB_URI to the address of a replica set of three members or more'
  let client: MongoClient | undefined
  try {
    client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000 })
    const { setName, hosts } = await client.db('admin').command({ hello: 1 })
    if (!setName)
      return 'TEST_MONGODB_URI names a server that is in no replica set: nobody takes over there'
    if (!Array.isArray(hosts) || hosts.length < 2)
      return 'the replica set of TEST_MONGODB_URI has one member: nobody takes over there'
    return null
  } catch (error) {
    return `TEST_MONGODB_URI cannot be used: ${(error as Error).message}`
  } finally {
    await client?.close()
  }
}

/** @returns its address. Waits for an election. */
async function primaryOf(client: MongoClient): Promise<unknown> {
  const { primary, setName } = await client.db('admin').command({ hello: 1 })
  if (!setName) throw new Error('TEST_MONGODB_URI names no replica set')
  return primary
}
