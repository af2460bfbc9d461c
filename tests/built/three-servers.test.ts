import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../../server/database/client'
import { mainPortalId, type ControlClient } from '../../simulator/control-client'
import type { RunningApp } from '../support/app'
import { compareSides } from '../support/both-sides'
import type { TestPartner } from '../support/builders'
import type { Client } from '../support/client'
import { grantAccess } from '../support/grant'
import { startStack, type Stack } from '../support/stack'
import { until } from '../support/until'
import { present } from '../support/present'

const base = '/api/v1/integrations/hubspot'
const contacts = 900
const deals = 60
const otherPortalId = 145_870_330
const edits = 24

/**
 * Three processes of the production build on one database, as one installation behind a load
 * balancer.
 */
describe('three servers on one database', () => {
  let stack: Stack
  let store: Database
  let control: ControlClient
  let ports: readonly number[] = []
  let apps: RunningApp[] = []
  /** Two partners, each signed in on every server by one session */
  const partners: { partner: TestPartner; portalId: number; clients: Client[] }[] = []

  const webhookUrl = (port = 0) => `http://localhost:${port}/v1/leads/webhooks/hubspot`

  beforeAll(async () => {
    stack = await startStack({
      simulator: { contacts, deals, latencyMs: 60 },
      apps: 3,
      env: (_, port) => ({
        NUXT_HUBSPOT_WEBHOOK_URL: webhookUrl(port),
        NUXT_HUBSPOT_SYNC_INTERVAL: '3600',
      }),
    })
    ;({ control, ports, apps } = stack)
    const { uri, database } = stack.database
    store = createDatabase({ uri, database })
    for (const portalId of [mainPortalId, otherPortalId]) {
      const partner = await stack.aPartner()
      partners.push({ partner, portalId, clients: await stack.signIn(partner.admin) })
    }
  })
  afterAll(async () => {
    await store.close()
    await stack.stop()
  })

  const at = (who: number, server: number): Client => {
    const client = partners[who]?.clients[server % 3]
    if (!client) throw new Error('No such server')
    return client
  }
  const idOf = (who: number) => partners[who]?.partner.id
  const runsOf = async (who: number, server = 0) =>
    (
      (await at(who, server).get(`${base}/runs`)).json as {
        items: {
          id: string
          kind: string
          trigger: string
          status: string
          counts: { seen: number; created: number; failed: number }
        }[]
      }
    ).items
  const waiting = async () => {
    const dirty = {
      partner_id: { $in: partners.map(({ partner }) => partner.id) },
      dirty: true,
      'sync.next_try_at': { $not: { $gt: new Date('9999-01-01') } },
    }
    const { leads, deals: ours, webhookEvents, syncRuns } = store.collections
    return (
      (await leads.countDocuments(dirty)) +
      (await ours.countDocuments(dirty)) +
      (await webhookEvents.countDocuments({ status: 'pending' })) +
      (await syncRuns.countDocuments({ active: true }))
    )
  }
  const quiet = () =>
    until(
      async () => (await control.webhooks()).counts.pending === 0 && (await waiting()) === 0,
      'nothing waits any more',
    )

  it('go on with what one of them was killed over', async () => {
    // The server that a person connects at imports.
    await grantAccess(at(0, 1), apps[1]?.env ?? {}, { portalId: mainPortalId })
    await grantAccess(at(1, 2), apps[2]?.env ?? {}, { portalId: otherPortalId })
    const run = await until(
      async () => (await runsOf(0)).find(one => one.counts.seen >= 300 && one.status === 'running'),
      'the import is under way',
    )
    await apps[1]?.kill()
    const over = await until(
      async () =>
        (await runsOf(0)).find(
          one => one.id === run.id && one.status !== 'running' && one.status !== 'queued',
        ),
      'the import is over',
    )
    expect(over).toMatchObject({
      kind: 'initial',
      status: 'succeeded',
      counts: { created: contacts + deals, failed: 0 },
    })
    expect(await store.collections.leads.countDocuments({ partner_id: idOf(0) })).toBe(contacts)
    expect(
      [apps[0], apps[2]].some(app =>
        app
          ?.output()
          .split('\n')
          .some(line => line.includes('run_taken_over') && line.includes(run.id)),
      ),
    ).toBe(true)
    apps[1] = await stack.start(1)
    await quiet()
  })

  it('make one run of a Sync Now that is pressed on all of them', async () => {
    const before = await runsOf(0)
    const pressed = await Promise.all(
      [0, 1, 2, 0, 1, 2].map(server => at(0, server).post(`${base}/sync`)),
    )
    expect([...new Set(pressed.map(answer => answer.status))]).toEqual([202])
    const ids = new Set(pressed.map(answer => (answer.json as { runId: string }).runId))
    expect(ids.size).toBe(1)
    await quiet()
    const made = (await runsOf(0, 1)).filter(one => !before.some(({ id }) => id === one.id))
    expect(made.map(({ id, trigger, status }) => [id, trigger, status])).toEqual([
      [[...ids][0], 'manual', 'succeeded'],
    ])
  })

  it('carry each edit over once, whoever takes it up, and create nothing twice', async () => {
    for (const who of [0, 1])
      for (const server of [0, 1, 2])
        await at(who, server).request('PATCH', `${base}/settings`, { json: { writeBack: true } })
    await quiet()
    const created: string[] = []
    const changed = new Map<string, { hubspotId: string; who: number; value: string }>()
    for (const [who, { partner, portalId }] of partners.entries()) {
      const portal = control.portal(portalId)
      const leads = await store.collections.leads
        .find({ partner_id: partner.id, hubspot_id: { $type: 'string' } })
        .limit(2 * edits)
        .toArray()
      for (let i = 0; i < edits; i++) {
        const [here, there] = [leads[2 * i], leads[2 * i + 1]]
        if (!here?.hubspot_id || !there?.hubspot_id) throw new Error('Too few leads')
        // HubSpot's load balancer picks another server every few deliveries; people's browsers with
        // each request.
        if (i % 4 === 0) await control.setWebhooks({ targetUrl: webhookUrl(ports[(i / 4) % 3]) })
        expect(
          (
            await at(who, i).request('PATCH', `/api/v1/leads/${here._id.toHexString()}`, {
              json: { company: `Here ${who} ${i}` },
            })
          ).status,
        ).toBe(200)
        await portal.edit('contacts', there.hubspot_id, { company: `There ${who} ${i}` })
        for (const [lead, value] of [
          [here, `Here ${who} ${i}`],
          [there, `There ${who} ${i}`],
        ] as const)
          changed.set(lead._id.toHexString(), { hubspotId: present(lead.hubspot_id), who, value })
        if (i % 6 !== 0) continue
        const [lastName, name] = [`Made ${who} ${i}`, `Sold ${who} ${i}`]
        const lead = await at(who, i + 1).post('/api/v1/leads', {
          lastName,
          email: `made-${who}-${i}@example.com`,
        })
        const deal = await at(who, i + 2).post('/api/v1/deals', {
          name,
          amount: '100',
          leadIds: [(lead.json as { id: string }).id],
        })
        expect([lead.status, deal.status]).toEqual([201, 201])
        created.push(lastName, name)
      }
    }
    await Promise.all([0, 1, 2].map(server => at(0, server).post(`${base}/sync`)))
    await quiet()

    const told = { Here: new Set<string>(), There: new Set<string>() }
    let arrived = 0
    for (const lead of await store.collections.leads
      .find({ 'values.company': /^(Here|There) / })
      .toArray()) {
      const edit = changed.get(lead._id.toHexString())
      expect(lead.values.company).toBe(edit?.value)
      expect(
        (
          await control
            .portal(partners[edit?.who ?? 0]?.portalId)
            .get('contacts', present(edit?.hubspotId))
        ).properties.company,
      ).toBe(edit?.value)
      const entries = (lead.history ?? []).filter(entry =>
        entry.fields.some(field => field.to === edit?.value),
      )
      told[edit?.value.startsWith('Here') ? 'Here' : 'There'].add(
        entries.map(entry => entry.kind).join(),
      )
      arrived += 1
    }
    expect(arrived).toBe(4 * edits)
    // The records' own histories: written once what was edited here, received once what was edited
    // there.
    expect({ Here: [...told.Here], There: [...told.There] }).toEqual({
      Here: ['edited,written'],
      There: ['received'],
    })
    for (const { partner, portalId } of partners) {
      const { found, twice } = await compareSides(
        {
          collections: store.collections,
          partnerId: partner.id,
          portalId: String(portalId),
          portal: control.portal(portalId),
        },
        created,
      )
      expect({ found, twice }).toEqual({ found: [], twice: [] })
    }
    expect(await control.portal().count('contacts')).toMatchObject({ live: contacts + edits / 6 })
  })

  it("stay within HubSpot's budgets together", async () => {
    const { maxInTenSeconds, maxSearchesInOneSecond, byStatus, total } = await control.stats()
    for (const { portalId } of partners) {
      expect(maxInTenSeconds[portalId]).toBeLessThanOrEqual(110)
      expect(maxSearchesInOneSecond[portalId] ?? 0).toBeLessThanOrEqual(5)
    }
    expect(byStatus['429'] ?? 0).toBe(0)
    process.stdout.write(
      `Three servers: ${total} calls, busiest ten seconds ${Math.max(...Object.values(maxInTenSeconds))} of 110, busiest second ${Math.max(...Object.values(maxSearchesInOneSecond))} of 5 searches, none refused\n`,
    )
  })
})
