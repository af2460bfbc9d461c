import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemActor } from '../../../server/database/audit'
import type { Services } from '../../../server/services'
import { aConnectedPartner, connectPartner, type ConnectedPartner } from '../../support/connected'
import { runsOf, startWorld, type SyncWorld } from './world'

let world: SyncWorld
let services: Services
let control: SyncWorld['control']
let partner: ConnectedPartner
let latest: ReturnType<typeof runsOf>['latest']
let ended: ReturnType<typeof runsOf>['ended']
let seen: ReturnType<typeof runsOf>['seen']

/** The list of contacts; their properties are read as well before a run. */
const isPage = (path: string) => /\/objects\/[^/]+\/contacts$/.test(path)

describe('an import in trouble', () => {
  beforeEach(async () => {
    world = await startWorld({ contacts: 800, deals: 100 })
    services = world.services
    control = world.control
  })
  afterEach(() => world.stop())
  /** The import stands still after so many pages of contacts, until it is let go. */
  function stopAfter(pages: number): () => void {
    let asked = 0
    return world.hold(url => !isPage(url.pathname) || ++asked <= pages)
  }
  async function connect(): Promise<void> {
    partner = await aConnectedPartner(services)
    ;({ latest, ended, seen } = runsOf(services, partner.partnerId))
  }
  const leads = () => world.collections.leads.countDocuments({ partner_id: partner.partnerId })

  it('refreshes a token that expires in its middle', async () => {
    const goOn = stopAfter(2)
    await connect()
    await seen(200)
    await control.expireAccessTokens()
    goOn()
    await ended('succeeded')
    expect(await latest()).toMatchObject({
      counts: { seen: 900, created: 900, failed: 0 },
      error: null,
    })
    expect((await control.stats()).tokenCalls.refresh_token).toBe(1)
  })

  it('ends with what to do when the grant is gone', async () => {
    const goOn = stopAfter(2)
    await connect()
    await seen(200)
    await control.uninstall()
    goOn()
    await ended('failed')
    expect((await latest())?.error).toMatchObject({
      code: 'hubspot_reauthorization_required',
      message: expect.stringContaining('connect again'),
    })
    await expect(
      services.sync.requestSync(partner.partnerId, { trigger: 'manual' }),
    ).rejects.toMatchObject({ code: 'hubspot_reauthorization_required' })
  })

  it('fails in words when HubSpot stays away, and the schedule continues where it stopped', async () => {
    await control.inject({
      path: '/objects.*contacts$/',
      method: 'GET',
      skip: 5,
      times: null,
      action: { kind: 'html', status: 502 },
    })
    await connect()
    await ended('failed')
    const failed = await latest()
    expect(failed?.error).toMatchObject({ code: 'hubspot_unavailable' })
    expect(failed?.counts.seen).toBeGreaterThan(0)
    const { partners, syncRuns } = world.collections
    const integration = (await partners.findOne({ _id: partner.partnerId }))?.hubspot_integration
    expect(integration?.next_sync_at?.getTime()).toBeLessThan(Date.now() + 61_000)
    const away = (await services.connection.view(partner.partnerId, null)).summary
    expect(away).toMatchObject({
      state: 'hubspot_unavailable',
      nextTryAt: integration?.next_sync_at?.toISOString(),
    })
    expect(Date.parse(away.since ?? '')).toBeLessThan(failed ? Date.now() : 0)
    await control.clearFaults()
    await control.clearCalls()
    await partners.updateOne(
      { _id: partner.partnerId },
      { $set: { 'hubspot_integration.next_sync_at': new Date() } },
    )
    await ended('succeeded')
    expect(await latest()).toMatchObject({
      kind: 'initial',
      trigger: 'schedule',
      counts: { seen: 900, created: 900 },
    })
    const back = (await services.connection.view(partner.partnerId, null)).summary
    expect(back).toMatchObject({ state: 'in_step', nextTryAt: null })
    const pages = (await control.calls({ kind: 'general' })).filter(call => isPage(call.path))
    expect(pages.length).toBe(8 - (failed?.counts.seen ?? 0) / 100)
    expect(await syncRuns.countDocuments({ partner_id: partner.partnerId, active: true })).toBe(0)
  })

  it('begins its list anew when HubSpot refuses the cursor', async () => {
    await control.inject({
      path: '/objects.*contacts$/',
      method: 'GET',
      skip: 4,
      action: {
        kind: 'status',
        status: 400,
        body: { status: 'error', category: 'VALIDATION_ERROR', message: 'Invalid after' },
      },
    })
    await connect()
    await ended('failed')
    await services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
    await ended('succeeded')
    expect(await leads()).toBe(800)
  })

  it('is cancelled by a disconnect, and continues where it stopped when the same portal is connected again', async () => {
    const goOn = stopAfter(3)
    await connect()
    await seen(300)
    await services.connection.disconnect(partner.partnerId, systemActor)
    goOn()
    await ended('cancelled')
    const stopped = await leads()
    expect(stopped).toBeGreaterThanOrEqual(300)
    expect(await services.sync.current(partner.partnerId)).toBeNull()
    const before = (await latest())?.counts.seen ?? 0
    await control.clearCalls()
    await connectPartner(services, partner)
    await ended('succeeded')
    expect(await latest()).toMatchObject({
      kind: 'initial',
      trigger: 'connect',
      counts: { seen: 900 },
    })
    expect(
      (await control.calls({ kind: 'general' })).filter(call => isPage(call.path)).length,
    ).toBe(8 - before / 100)
    expect(await leads()).toBe(800)
  })

  it('says while the run still waits that HubSpot is away, since when, and when it tries again', async () => {
    await control.inject({
      path: '/objects.*contacts$/',
      method: 'GET',
      skip: 2,
      times: null,
      action: { kind: 'html', status: 502 },
    })
    const before = Date.now()
    await connect()
    const summary = async () => (await services.connection.view(partner.partnerId, null)).summary
    await expect
      .poll(async () => (await summary()).state, { timeout: 30_000 })
      .toBe('hubspot_unavailable')
    const { since, nextTryAt } = await summary()
    expect(Date.parse(since ?? '')).toBeGreaterThanOrEqual(before)
    expect(Date.parse(nextTryAt ?? '')).toBeGreaterThan(Date.parse(since ?? ''))
    await control.clearFaults()
    await ended('succeeded')
    expect((await summary()).state).toBe('in_step')
  })

  it('stops when sync is paused', async () => {
    const goOn = stopAfter(1)
    await connect()
    await seen(100)
    const paused = await services.connection.updateSettings(
      partner.partnerId,
      { paused: true },
      systemActor,
      () => services.sync.current(partner.partnerId),
    )
    expect(paused).toMatchObject({
      paused: true,
      pausedBy: null,
      pausedAt: expect.any(String) as string,
      currentRun: null,
      summary: { state: 'paused' },
    })
    goOn()
    await ended('cancelled')
    expect(await leads()).toBe(100)
    await services.connection.updateSettings(partner.partnerId, { paused: false }, systemActor)
    await ended('succeeded')
    expect(await leads()).toBe(800)
  })

  it('is handed over by a process that stops, and another one ends it', async () => {
    const goOn = stopAfter(2)
    await connect()
    await seen(200)
    const other = await world.another()
    const stopping = services.sync.worker.stop()
    goOn()
    await stopping
    const run = await services.sync.current(partner.partnerId)
    expect(run?.status).toBe('running')
    await other.sync.worker.start()
    await ended('succeeded')
    expect(await latest()).toMatchObject({ id: run?.id, counts: { seen: 900, created: 900 } })
  })
})
