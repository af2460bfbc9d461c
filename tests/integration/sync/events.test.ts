import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import events from '../../../server/api/v1/integrations/hubspot/events.get'
import runById from '../../../server/api/v1/integrations/hubspot/runs/[id].get'
import runList from '../../../server/api/v1/integrations/hubspot/runs/index.get'
import sync from '../../../server/api/v1/integrations/hubspot/sync.post'
import { Connection } from '#shared/contracts/connection'
import { Run, type RunList } from '#shared/contracts/runs'
import { aConnectedPartner, type ConnectedPartner } from '../../support/connected'
import { createClient } from '../../support/client'
import { mountRoutes } from '../../support/mount-routes'
import { patience, runsOf, startWorld, type SyncWorld } from './world'

let world: SyncWorld
let http: Awaited<ReturnType<typeof mountRoutes>>
let partner: ConnectedPartner
let cookie: string
const base = '/api/v1/integrations/hubspot'

beforeAll(async () => {
  world = await startWorld({ contacts: 500, deals: 20, latencyMs: 50 })
  http = await mountRoutes(world.services, [
    { method: 'GET', path: `${base}/events`, handler: events },
    { method: 'GET', path: `${base}/runs`, handler: runList },
    { method: 'GET', path: `${base}/runs/:id`, handler: runById },
    { method: 'POST', path: `${base}/sync`, handler: sync },
  ])
  partner = await aConnectedPartner(world.services)
  const client = createClient(http.url)
  await client.signIn(partner.email, partner.password)
  cookie = client.cookie
})
afterAll(async () => {
  await http.close()
  await world.stop()
})

/** An open stream: what came so far, by event. */
async function listen(headers: Record<string, string> = {}) {
  const chunks: string[] = []
  let over = false
  const status = await new Promise<number>((resolve, reject) => {
    const call = request(
      `${http.url}${base}/events`,
      { headers: { cookie, ...headers } },
      answer => {
        answer
          .setEncoding('utf8')
          .on('data', (chunk: string) => chunks.push(chunk))
          .on('close', () => {
            over = true
          })
        resolve(answer.statusCode ?? 0)
      },
    )
    call.once('error', reject)
    call.end()
    leave = () => call.destroy()
  })
  const told = () =>
    chunks
      .join('')
      .split('\n\n')
      .filter(part => part.includes('event: '))
      .map(part => {
        const lines = part.split('\n')
        const field = (name: string) =>
          lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
        return { event: field('event'), data: JSON.parse(field('data')) as unknown }
      })
  const close = leave
  return { status, told, close: () => close(), isOver: () => over, raw: () => chunks.join('') }
}
let leave: () => void = () => {}

describe('the event stream', () => {
  it('tells the present state at once and the progress of a run to its end', async () => {
    const stream = await listen({ 'last-event-id': '999' })
    expect(stream.status).toBe(200)
    await expect
      .poll(() => stream.told().map(({ event }) => event), patience)
      .toContain('connection')
    expect(Connection.parse(stream.told()[0]?.data)).toMatchObject({
      status: 'connected',
      portalId: partner.portalId,
    })
    await runsOf(world.services, partner.partnerId).ended('succeeded')
    const told = () =>
      stream
        .told()
        .filter(({ event }) => event === 'run')
        .map(({ data }) => Run.parse(data))
    await expect.poll(() => told().at(-1)?.status, patience).toBe('succeeded')
    expect(told().at(-1)).toMatchObject({
      kind: 'initial',
      counts: { seen: 520, created: 520 },
      total: 520,
    })
    const progress = told().map(run => run.counts.seen)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    await expect
      .poll(
        () =>
          Connection.parse(
            stream
              .told()
              .filter(({ event }) => event === 'connection')
              .at(-1)?.data,
          ),
        patience,
      )
      .toMatchObject({ currentRun: null, lastSyncedAt: expect.any(String) })
    stream.close()
  })

  it('tells of runs that begin later, in any number of open pages', async () => {
    const streams = await Promise.all(Array.from({ length: 5 }, () => listen()))
    const answer = await createRun()
    for (const stream of streams) {
      await expect
        .poll(
          () =>
            stream
              .told()
              .some(
                ({ event, data }) =>
                  event === 'run' &&
                  Run.parse(data).id === answer &&
                  Run.parse(data).status === 'succeeded',
              ),
          patience,
        )
        .toBe(true)
      stream.close()
    }
  })

  it('says every 15 seconds that it is there, and ends within 30 seconds of the session', async () => {
    const client = createClient(http.url)
    await client.signIn(partner.email, partner.password)
    // Only what repeats: everything else goes by the real clock.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const stream = await listen({ cookie: client.cookie })
      await expect.poll(() => stream.told().length, patience).toBeGreaterThan(0)
      const comments = () => stream.raw().match(/^: /gm)?.length ?? 0
      vi.advanceTimersByTime(14_900)
      expect(comments()).toBe(0)
      vi.advanceTimersByTime(200)
      await expect.poll(comments, patience).toBe(1)
      vi.advanceTimersByTime(45_000)
      await expect.poll(comments, patience).toBe(4)
      expect(stream.isOver()).toBe(false)
      const [session] = await world.collections.sessions
        .find({})
        .sort({ _id: -1 })
        .limit(1)
        .toArray()
      await world.collections.sessions.updateOne(
        { _id: session?._id },
        { $set: { revoked_at: new Date() } },
      )
      vi.advanceTimersByTime(30_000)
      await expect.poll(() => stream.isOver(), patience).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is for who is signed in, and ends when the process stops', async () => {
    expect((await listen({ cookie: '' })).status).toBe(401)
    const stream = await listen()
    await expect.poll(() => stream.told().length, patience).toBeGreaterThan(0)
    world.services.health.beginDrain()
    await expect.poll(() => stream.isOver(), patience).toBe(true)
  })
})

async function createRun(): Promise<string> {
  const client = createClient(http.url)
  client.useCookie(cookie)
  const answer = await client.request('POST', `${base}/sync`, {
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(202)
  return (answer.json as { runId: string }).runId
}

describe('the history over HTTP', () => {
  it("lists runs and shows one; another partner's does not exist", async () => {
    const client = createClient(http.url)
    client.useCookie(cookie)
    const list = await client.get(`${base}/runs?limit=1`)
    const [run] = (list.json as RunList).items
    expect((await client.get(`${base}/runs/${run?.id}`)).json).toEqual(run)
    const other = await aConnectedPartner(world.services, 145_870_330)
    const stranger = createClient(http.url)
    await stranger.signIn(other.email, other.password)
    expect((await stranger.get(`${base}/runs/${run?.id}`)).status).toBe(404)
    for (const query of ['limit=0', 'limit=1000', 'kind=x', 'cursor=abc', 'unknown=1'])
      expect((await client.get(`${base}/runs?${query}`)).status).toBe(422)
    expect((await client.post(`${base}/sync`, { kind: 'initial' })).status).toBe(422)
  })
})
