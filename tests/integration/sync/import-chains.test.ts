import { afterEach, describe, expect, it } from 'vitest'
import { aConnectedPartner } from '../../support/connected'
import { differences } from '../../support/both-sides'
import { runsOf, startWorld, type SyncWorld } from './world'

const contacts = 3000
let world: SyncWorld

const isList = ({ pathname }: Pick<URL, 'pathname'>) => /\/objects\/[^/]+\/contacts$/.test(pathname)

describe('an import of a long list', () => {
  afterEach(() => world.stop())

  /** @returns the pages of contacts that were asked for, and of them those with each cursor */
  async function askedPages() {
    const calls = await world.control.calls({ kind: 'general', limit: 1000 })
    return calls.filter(call => isList({ pathname: call.path }))
  }

  it('reads it by several chains, of pages and of searches, and has what came, went and changed meanwhile', async () => {
    world = await startWorld({ contacts, deals: 40 })
    const cursors: number[] = []
    const goOn = world.hold(url => {
      if (!isList(url)) return true
      cursors.push(Number(url.searchParams.get('after') ?? 0))
      return cursors.length <= 12
    })
    const partner = await aConnectedPartner(world.services)
    const { ended, latest, seen } = runsOf(world.services, partner.partnerId)
    await seen(600)
    const portal = world.control.portal()
    const records = await portal.list('contacts', contacts)
    for (let place = 50; place < contacts; place += 300) {
      await portal.archive('contacts', records[place]?.id ?? '')
      await portal.edit('contacts', records[place + 1]?.id ?? '', { company: 'Meanwhile' })
    }
    await portal.merge('contacts', records[2600]?.id ?? '', records[1200]?.id ?? '')
    await portal.create('contacts', { email: 'meanwhile@example.com' })
    goOn()
    await ended('succeeded')
    expect((await latest())?.counts).toMatchObject({ failed: 0 })
    // So few pages hold not all: the rest came by search.
    expect((await askedPages()).length).toBeLessThan(contacts / 100)
    // One chain only asks further and further on.
    expect(cursors).not.toEqual(cursors.toSorted((one, other) => one - other))
    const first = await world.services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
    await expect
      .poll(async () => (await latest())?.id === first.id && (await latest())?.status, {
        timeout: 30_000,
      })
      .toBe('succeeded')
    expect(await differences(world, { ...partner, portal }, [])).toEqual([])
  })

  it('reads it by one chain of pages, and by search, where cursors say nothing', async () => {
    world = await startWorld({ contacts, deals: 40, settings: { opaqueCursors: true } })
    const partner = await aConnectedPartner(world.services)
    const { ended } = runsOf(world.services, partner.partnerId)
    const run = await ended('succeeded')
    expect(run.counts).toMatchObject({ seen: contacts + 40, created: contacts + 40, failed: 0 })
    expect((await askedPages()).length).toBeLessThan(contacts / 100)
    expect(world.logged.filter(line => line.includes('import_one_chain'))).toHaveLength(1)
  })

  it('brings in by search the contacts of deals as well', async () => {
    world = await startWorld({ contacts: 500, deals: 3000 })
    const partner = await aConnectedPartner(world.services)
    await runsOf(world.services, partner.partnerId).ended('succeeded')
    expect(await differences(world, { ...partner, portal: world.control.portal() }, [])).toEqual([])
    const calls = await world.control.calls({ kind: 'general', limit: 1000 })
    const pages = calls.filter(({ path }) => /\/objects\/[^/]+\/deals$/.test(path))
    expect(pages.length).toBeLessThan(30)
  })
})
