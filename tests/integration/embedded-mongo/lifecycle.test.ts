import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { startMongoProcess, type MongoProcess } from '../../../modules/embedded-mongo/process'
import { socketDirectoryOf } from '../../../modules/embedded-mongo/socket'
import { runCli } from './run'

// Each test starts processes that load TypeScript, one after the other; on a busy machine that
// takes its time.
vi.setConfig({ testTimeout: 120_000 })

const root = mkdtempSync(join(tmpdir(), 'pc-lifecycle-'))
const started: MongoProcess[] = []
let directories = 0

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(started.splice(0).map(engine => engine.stop()))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function newDirectory(): string {
  directories += 1
  return join(root, `database-${directories}`)
}

async function start(dir?: string, waitForLockMs?: number): Promise<MongoProcess> {
  const engine = await startMongoProcess({ dir, waitForLockMs })
  started.push(engine)
  return engine
}

async function withClient<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5_000 })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

describe('the engine in a process of its own', () => {
  it('creates its directory, keeps what was stored and its indexes over a clean stop', async () => {
    const dir = join(newDirectory(), 'made', 'on the way')
    const first = await start(dir)
    await withClient(first.uri, async client => {
      const leads = client.db('kept').collection('leads')
      await leads.createIndex({ email: 1 }, { unique: true })
      await leads.insertMany([{ email: 'ada@example.com' }, { email: 'grace@example.com' }])
    })
    await first.stop()
    expect(existsSync(socketDirectoryOf(first.uri))).toBe(false)

    const second = await start(dir)
    expect(second.pid).not.toBe(first.pid)
    await withClient(second.uri, async client => {
      const leads = client.db('kept').collection('leads')
      expect(await leads.countDocuments()).toBe(2)
      await expect(leads.insertOne({ email: 'ada@example.com' })).rejects.toMatchObject({
        code: 11000,
      })
    })
  })

  it('refuses a second opener of the same directory and names the first', async () => {
    const dir = newDirectory()
    const engine = await start(dir)
    await expect(startMongoProcess({ dir })).rejects.toThrow(`pid ${engine.pid}`)

    const cli = await runCli(['--dir', dir]).ended
    expect(cli.code).toBe(1)
    expect(cli.stdout).toEqual([])
    expect(cli.stderr).toHaveLength(1)
    expect(cli.stderr[0]).toContain(`pid ${engine.pid}`)
    // The refusal did not cost the first opener its lock.
    await expect(startMongoProcess({ dir })).rejects.toThrow(`pid ${engine.pid}`)
    expect(
      await withClient(engine.uri, client => client.db('a').command({ ping: 1 })),
    ).toMatchObject({ ok: 1 })
  })

  it('waits for an engine that is about to stop, where asked to', async () => {
    const dir = newDirectory()
    const first = await start(dir)
    const second = start(dir, 20_000)
    await first.stop()
    const { uri } = await second
    expect(await withClient(uri, client => client.db('a').command({ ping: 1 }))).toMatchObject({
      ok: 1,
    })
  })

  it('keeps its data in a temporary directory when given none, and removes it', async () => {
    // In a folder of this test's own: other tests and their engines come and go beside it.
    const temporary = mkdtempSync(join(root, 'tmp-'))
    const temporaryDirectories = () =>
      readdirSync(temporary).filter(name => name.startsWith('pc-mongodb-'))
    vi.stubEnv('TMPDIR', temporary)
    const stopped = await start()
    const killed = await start()
    expect(temporaryDirectories()).toHaveLength(2)
    await stopped.stop()
    await killed.kill()
    expect(temporaryDirectories()).toEqual([])
    expect(existsSync(socketDirectoryOf(killed.uri))).toBe(false)
  })
})

describe('npm run mongo', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'prints one line once usable and ends cleanly on %s',
    async signal => {
      const cli = runCli(['--dir', newDirectory()])
      const line = await cli.firstLine
      expect(line).toMatch(/^MONGODB_URI=mongodb:\/\/\S+$/)
      const uri = line.slice('MONGODB_URI='.length)
      await withClient(uri, async client => {
        await client.db('a').collection('b').insertOne({})
        cli.child.kill(signal)
        expect(await cli.ended).toEqual({ code: 0, stdout: [line], stderr: [] })
      })
      expect(existsSync(socketDirectoryOf(uri))).toBe(false)
    },
  )

  it('runs on when its standard input closes, unless told to die with its parent', async () => {
    const alone = runCli(['--dir', newDirectory()])
    const tied = runCli(['--dir', newDirectory(), '--die-with-parent'])
    const uri = (await alone.firstLine).slice('MONGODB_URI='.length)
    await tied.firstLine
    alone.child.stdin?.end()
    tied.child.stdin?.end()
    expect((await tied.ended).code).toBe(0)
    expect(await withClient(uri, client => client.db('a').command({ ping: 1 }))).toMatchObject({
      ok: 1,
    })
    alone.child.kill('SIGTERM')
    expect((await alone.ended).code).toBe(0)
  })

  it('ends with the npm that started it, though npm passes no signal on', async () => {
    const dir = newDirectory()
    const npm = spawn('npm', ['run', '--silent', 'mongo', '--', '--dir', dir], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    const ended = new Promise(resolve => npm.once('exit', resolve))
    await new Promise(resolve => npm.stdout.once('data', resolve))
    npm.kill('SIGTERM')
    await ended
    await start(dir, 60_000)
  })

  it('works where the database and the temporary directory are deeper than a socket address may be', async () => {
    const deep = join(root, ...Array.from({ length: 8 }, () => 'a-folder-of-thirty-characters-'))
    const temporary = join(deep, 'tmp')
    mkdirSync(temporary, { recursive: true })
    const cli = runCli(['--dir', join(deep, 'mongodb')], { env: { TMPDIR: temporary } })
    const uri = (await cli.firstLine).slice('MONGODB_URI='.length)
    expect(Buffer.byteLength(socketDirectoryOf(uri))).toBeLessThan(90)
    expect(await withClient(uri, client => client.db('a').command({ ping: 1 }))).toMatchObject({
      ok: 1,
    })
    cli.child.kill('SIGTERM')
    expect((await cli.ended).code).toBe(0)
  })

  it('says in one line what to do where there is no build for the platform', async () => {
    const cli = await runCli(['--dir', newDirectory()], {
      preload: 'Object.defineProperty(process, "arch", { value: "riscv64" })',
    }).ended
    expect(cli.code).toBe(1)
    expect(cli.stderr).toEqual([
      expect.stringMatching(/riscv64.*NUXT_MONGODB_URI.*docker compose up mongo/),
    ])
  })

  it('says what is wrong with a directory that is a file', async () => {
    const cli = await runCli(['--dir', import.meta.filename]).ended
    expect(cli.code).toBe(1)
    expect(cli.stderr).toHaveLength(1)
    expect(cli.stderr[0]).toContain(import.meta.filename)
  })
})
