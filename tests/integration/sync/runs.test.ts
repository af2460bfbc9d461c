import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '#shared/contracts/runs'
import { systemActor } from '../../../server/database/audit'
import type { Services } from '../../../server/services'
import { aConnectedPartner, type ConnectedPartner } from '../../support/connected'
import { patience, runsOf, startWorld, type SyncWorld } from './world'
import { aUser } from '../../support/users'

let world: SyncWorld
let services: Services
let partner: ConnectedPartner
let latest: ReturnType<typeof runsOf>['latest']
let ended: ReturnType<typeof runsOf>['ended']

describe('one run at a time', () => {
  beforeAll(async () => {
    world = await startWorld({ contacts: 300, deals: 20 })
    services = world.services
    partner = await aConnectedPartner(services)
    ;({ latest, ended } = runsOf(services, partner.partnerId))
    await ended('succeeded')
  })
  afterAll(() => world.stop())

  it('comes of twenty starts at once', async () => {
    const before = (await services.sync.list(partner.partnerId, { limit: 100 })).items.length
    // However slow they are: none comes after that run's end.
    const goOn = world.hold()
    const started = await Promise.all(
      Array.from({ length: 20 }, () =>
        services.sync.requestSync(partner.partnerId, { trigger: 'manual' }),
      ),
    ).finally(goOn)
    expect(new Set(started.map(run => run.id)).size).toBe(1)
    await ended('succeeded')
    expect((await services.sync.list(partner.partnerId, { limit: 100 })).items.length).toBe(
      before + 1,
    )
    expect(await latest()).toMatchObject({
      id: started[0]?.id,
      kind: 'incremental',
      trigger: 'manual',
    })
  })

  it('is listed newest first, page by page, by kind and status', async () => {
    for (let i = 0; i < 3; i++) {
      await services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
      await expect.poll(() => services.sync.current(partner.partnerId), patience).toBeNull()
    }
    const all = (await services.sync.list(partner.partnerId, { limit: 100 })).items
    const paged: Run[] = []
    let cursor: string | undefined
    do {
      const page = await services.sync.list(partner.partnerId, { limit: 2, cursor })
      paged.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(paged).toEqual(all)
    expect(all.map(run => run.id)).toEqual([...all.map(run => run.id)].sort().reverse())
    expect(
      (await services.sync.list(partner.partnerId, { limit: 100, kind: 'initial' })).items.map(
        run => run.kind,
      ),
    ).toEqual(['initial'])
    expect(
      (await services.sync.list(partner.partnerId, { limit: 100, status: 'failed' })).items,
    ).toEqual([])
  })

  it('is told from those that did nothing', async () => {
    const eventful = async () =>
      (await services.sync.list(partner.partnerId, { limit: 100, eventful: 'true' })).items
    expect(
      (await services.sync.list(partner.partnerId, { limit: 100 })).items.length,
    ).toBeGreaterThan(3)
    expect((await eventful()).map(run => run.kind)).toEqual(['initial'])
    const portal = world.control.portal(Number(partner.portalId))
    const [contact] = await portal.list('contacts', 1)
    await portal.edit('contacts', contact?.id ?? '', { company: 'Worth a look' })
    await expect
      .poll(async () => {
        await services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
        await expect.poll(() => services.sync.current(partner.partnerId), patience).toBeNull()
        return (await eventful()).map(run => run.counts.updated)
      }, patience)
      .toEqual([1, 0])
  })

  it('is asked for again by an announcement that comes meanwhile', async () => {
    const before = (await services.sync.list(partner.partnerId, { limit: 100 })).items.length
    const goOn = world.hold()
    try {
      const { id } = await services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
      await services.sync.requestQuietly(partner.partnerId, {
        trigger: 'mapping',
        kind: 'reconcile',
      })
      expect(await services.sync.current(partner.partnerId)).toMatchObject({
        id,
        kind: 'incremental',
      })
    } finally {
      goOn()
    }
    await expect
      .poll(
        async () =>
          (
            await services.sync.list(partner.partnerId, {
              limit: 100,
              kind: 'reconcile',
              status: 'succeeded',
            })
          ).items.length,
        patience,
      )
      .toBe(1)
    expect((await services.sync.list(partner.partnerId, { limit: 100 })).items.length).toBe(
      before + 2,
    )
  })

  it('that compares everything comes after one of another kind, once however often it is asked for', async () => {
    const compared = async () =>
      (
        await services.sync.list(partner.partnerId, {
          limit: 100,
          kind: 'reconcile',
          status: 'succeeded',
        })
      ).items.length
    const before = await compared()
    const compare = () =>
      services.sync.requestSync(partner.partnerId, { trigger: 'manual', kind: 'reconcile' })
    const goOn = world.hold()
    try {
      const { id } = await services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
      expect([await compare(), await compare()]).toEqual([{ id }, { id }])
    } finally {
      goOn()
    }
    await expect.poll(compared, patience).toBe(before + 1)
    await expect.poll(() => services.sync.current(partner.partnerId), patience).toBeNull()
    expect(await compared()).toBe(before + 1)
  })

  it('that the schedule asks for meanwhile is the one that works, and none follows', async () => {
    const listed = async () =>
      (await services.sync.list(partner.partnerId, { limit: 100 })).items.length
    const before = await listed()
    const goOn = world.hold()
    try {
      const { id } = await services.sync.requestSync(partner.partnerId, {
        trigger: 'manual',
        kind: 'reconcile',
      })
      const due = { trigger: 'schedule', kind: 'reconcile' } as const
      await expect
        .poll(async () => (await services.sync.current(partner.partnerId))?.status, patience)
        .toBe('running')
      expect(await services.sync.requestSync(partner.partnerId, due)).toEqual({ id })
    } finally {
      goOn()
    }
    await expect.poll(() => services.sync.current(partner.partnerId), patience).toBeNull()
    expect(await listed()).toBe(before + 1)
  })

  it('comes by the schedule when something changed', async () => {
    const { partners } = services.database.collections
    const portal = world.control.portal(Number(partner.portalId))
    const [contact] = await portal.list('contacts', 1)
    await portal.edit('contacts', contact?.id ?? '', { company: 'For the schedule' })
    await partners.updateOne(
      { _id: partner.partnerId },
      { $set: { 'hubspot_integration.next_sync_at': new Date(Date.now() - 1000) } },
    )
    await expect.poll(async () => (await latest())?.trigger, patience).toBe('schedule')
    await ended('succeeded')
    const integration = (await partners.findOne({ _id: partner.partnerId }))?.hubspot_integration
    expect(integration?.next_sync_at?.getTime()).toBeGreaterThan(Date.now() + 200_000)
  })

  it('does not start while sync is paused, and not for who is not connected', async () => {
    await services.connection.updateSettings(partner.partnerId, { paused: true }, systemActor)
    await expect(
      services.sync.requestSync(partner.partnerId, { trigger: 'manual' }),
    ).rejects.toMatchObject({ code: 'sync_paused' })
    await services.connection.updateSettings(partner.partnerId, { paused: false }, systemActor)
    await ended('succeeded')
    const { partnerId } = await aUser(services.database.collections, {
      partnerName: 'Nobody',
      email: 'nobody@example.test',
      password: 'a long enough password',
      role: 'admin',
    })
    await expect(services.sync.requestSync(partnerId, { trigger: 'manual' })).rejects.toMatchObject(
      {
        code: 'hubspot_not_connected',
      },
    )
  })
})
