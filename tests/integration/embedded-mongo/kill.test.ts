import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startMongoProcess } from '../../../modules/embedded-mongo/process'
import { socketDirectoryOf } from '../../../modules/embedded-mongo/socket'
import { runCli, runScript } from './run'

// Each test starts processes that load TypeScript, one after the other; on a busy machine that
// takes its time.
vi.setConfig({ testTimeout: 120_000 })

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pc-kill-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a kill', () => {
  it.each([1, 2, 3])(
    'during bulk inserts loses no acknowledged document (round %i)',
    async round => {
      const engine = await startMongoProcess({ dir })
      const client = new MongoClient(engine.uri)
      const documents = client.db('kill').collection<{ _id: number; even: boolean }>('documents')
      await documents.createIndex({ even: 1 })
      const batch = 50
      let acknowledged = 0
      const inserting = (async () => {
        for (;;) {
          await documents.insertMany(
            Array.from({ length: batch }, (_, i) => ({ _id: acknowledged + i, even: i % 2 === 0 })),
          )
          acknowledged += batch
        }
      })().catch((error: unknown) => error)
      await expect
        .poll(() => acknowledged, { interval: 5, timeout: 20_000 })
        .toBeGreaterThan(round * 700)
      await engine.kill()
      // Ends the wait for a server that does not come back.
      await client.close(true)
      expect(await inserting).toBeInstanceOf(Error)

      const again = await startMongoProcess({ dir })
      const reader = new MongoClient(again.uri)
      const found = reader.db('kill').collection<{ _id: number; even: boolean }>('documents')
      const ids = new Set(
        (await found.find({}, { projection: { _id: 1 } }).toArray()).map(document => document._id),
      )
      const missing = Array.from({ length: acknowledged }, (_, i) => i).filter(id => !ids.has(id))
      expect(missing).toEqual([])
      // At most the batch in flight came on top, and the index agrees with the documents.
      expect(ids.size).toBeLessThanOrEqual(acknowledged + batch)
      expect(await found.countDocuments({ even: true }, { hint: { even: 1 } })).toBe(
        Array.from(ids).filter(id => (id % batch) % 2 === 0).length,
      )
      await reader.close()
      await again.stop()
    },
  )

  it('of an engine nobody watches leaves no lock, and the next one clears up its socket', async () => {
    const cli = runCli(['--dir', dir])
    const uri = (await cli.firstLine).slice('MONGODB_URI='.length)
    cli.child.kill('SIGKILL')
    await cli.ended
    expect(existsSync(socketDirectoryOf(uri))).toBe(true)

    const next = await startMongoProcess({ dir })
    expect(existsSync(socketDirectoryOf(uri))).toBe(false)
    await next.stop()
  })

  it('of the parent ends the engine', async () => {
    const parent = runScript('./parent-process.ts', [dir])
    const { uri, pid } = JSON.parse(await parent.firstLine) as { uri: string; pid: number }
    await expect(startMongoProcess({ dir })).rejects.toThrow(`pid ${pid}`)
    parent.child.kill('SIGKILL')
    await parent.ended

    // The directory's lock is the kernel's: whoever gets it knows that the other process has let
    // go.
    const next = await startMongoProcess({ dir, waitForLockMs: 60_000 })
    await expect.poll(() => existsSync(socketDirectoryOf(uri)), { timeout: 20_000 }).toBe(false)
    await next.stop()
  })
})
