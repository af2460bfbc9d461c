import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import type { SimulatorOptions } from '../../../simulator/settings'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, authorizeUrl, connect, postToken } from './connect'

/** What a simulator knows again when it is started anew, and what its start changes in that. */
const folder = mkdtempSync(join(tmpdir(), 'simulator-state-'))
const running: Simulator[] = []
let state: string
let files = 0

beforeEach(() => {
  state = join(folder, `${++files}.json`)
})
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const one = await startSimulator({ contacts: 30, deals: 5, state, ...options })
  running.push(one)
  return one
}

/** Ends the one that runs, which keeps its state, and starts another. */
async function startAgain(options: SimulatorOptions = {}): Promise<Simulator> {
  await present(running.pop()).stop()
  return await start(options)
}

const statusOfRefresh = async (simulator: Simulator, token: string) =>
  (await postToken(simulator, { grant_type: 'refresh_token', refresh_token: token })).status

describe('lists', () => {
  test('the id of a removed list is given to no other', async () => {
    const portal = (await start()).control.portal()
    const [partners] = await portal.lists()
    const first = await portal.addList({ name: 'First', members: [] })
    const second = await portal.addList({ name: 'Second', members: [] })
    await portal.removeList(first.listId)
    const third = await portal.addList({ name: 'Third', members: [] })
    await portal.removeList(third.listId)
    const fourth = await portal.addList({ name: 'Fourth', members: [] })
    const ids = [present(partners), first, second, third, fourth].map(({ listId }) => listId)
    expect(new Set(ids).size).toBe(5)
    const left = await portal.lists()
    expect(left.map(({ name }) => name)).toEqual(['Partners', 'Second', 'Fourth'])
  })

  test('are kept with their members, and their ids go on', async () => {
    const before = (await start()).control.portal()
    const [one] = await before.list('contacts', 1)
    const kept = await before.addList({ name: 'Kept', members: [present(one).id] })
    const gone = await before.addList({ name: 'Gone', members: [] })
    await before.removeList(gone.listId)
    const [partners] = await before.lists()
    await before.editList(present(partners).listId, {
      remove: present(partners).members.slice(0, 1),
    })
    const lists = await before.lists()

    const second = await startAgain()
    const after = second.control.portal()
    expect(await after.lists()).toEqual(lists)
    const added = await after.addList({ name: 'Added', members: [] })
    expect([kept.listId, gone.listId]).not.toContain(added.listId)
    // Members can be taken off again, and the API knows them.
    const { accessToken } = await second.control.tokens()
    const { body } = await apiOf(second, accessToken)(
      'GET',
      `/crm/lists/2026-09/${kept.listId}/memberships`,
    )
    expect(body.total).toBe(1)
    const emptied = await after.editList(kept.listId, { remove: kept.members })
    expect(emptied.members).toEqual([])
  })
})

describe('grants that ended', () => {
  test('a revoked and a replaced refresh token stay refused', async () => {
    const first = await start({ settings: { refreshTokenMode: 'rotate_and_invalidate' } })
    const { refresh_token: revoked = '' } = await connect(first, 48_210_002)
    await postToken(first, { token: revoked }, '/oauth/2026-09/token/revoke')
    const { refresh_token: replaced = '' } = await connect(first)
    expect(await statusOfRefresh(first, replaced)).toBe(200)
    const second = await startAgain()
    expect(await statusOfRefresh(second, revoked)).toBe(400)
    expect(await statusOfRefresh(second, replaced)).toBe(400)
  })

  test('those of an uninstalled portal stay refused, a new grant counts', async () => {
    const first = await start()
    const { refreshToken: old } = await first.control.tokens()
    await first.control.uninstall()
    const { refreshToken: lasting } = await first.control.tokens()
    const second = await startAgain()
    expect(await statusOfRefresh(second, old)).toBe(400)
    expect(await statusOfRefresh(second, lasting)).toBe(200)
  })

  test('a snapshot from before takes the end back', async () => {
    const { control, ...simulator } = await start()
    const { refreshToken } = await control.tokens()
    const before = await control.snapshot()
    await control.uninstall()
    expect(await statusOfRefresh({ control, ...simulator }, refreshToken)).toBe(400)
    await control.restore(before)
    expect(await statusOfRefresh({ control, ...simulator }, refreshToken)).toBe(200)
  })
})

describe('what a start names', () => {
  const status = async (url: string) => (await fetch(url, { redirect: 'manual' })).status

  test('wins over the state that it loads; what it leaves out comes from there', async () => {
    const first = await start({ webhookUrl: null, latencyMs: 3 })
    await first.control.set({ associationPageSize: 7, searchLagMs: 9 })

    const webhookUrl = 'http://127.0.0.1:9/hooks'
    const second = await startAgain({
      latencyMs: 1,
      webhookUrl,
      redirectUri: 'http://localhost:3001/callback',
      settings: { searchLagMs: 2 },
    })
    const { settings } = await second.control.state()
    expect(settings).toMatchObject({ latencyMs: 1, searchLagMs: 2, associationPageSize: 7 })
    expect((await second.control.webhooks()).settings).toMatchObject({
      targetUrl: webhookUrl,
      enabled: true,
    })
    expect(second.env.NUXT_HUBSPOT_WEBHOOK_URL).toBe(webhookUrl)
    expect(await status(authorizeUrl(second))).toBe(200)

    const third = await startAgain()
    expect((await third.control.state()).settings.latencyMs).toBe(1)
    expect(third.env.NUXT_HUBSPOT_WEBHOOK_URL).toBe(webhookUrl)
  })

  test('a redirect URI is the app’s, beside those that the configuration has', async () => {
    const configured = 'http://localhost:4000/callback'
    const redirectUri = 'http://localhost:4001/callback'
    const simulator = await start({ redirectUri, app: { redirectUrls: [configured] } })
    expect((await simulator.control.state()).app.redirectUrls).toEqual([redirectUri, configured])
    expect(await status(authorizeUrl(simulator))).toBe(200)
    expect(await status(authorizeUrl(simulator, { redirect_uri: configured }))).toBe(200)
  })
})
