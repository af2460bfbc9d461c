import { describe, expect, test } from 'vitest'
import { ObjectId } from 'mongodb'
import type { UserDocument } from '../../../server/database/documents'
import { createNoticePeople } from '../../../server/alerts/people-repository'
import { present } from '../../support/present'
import { useAlertBench } from './alert-bench'

const bench = useAlertBench()
const { anotherProcess, at, set } = bench
const subjects = () => bench.inbox.mails.map(({ subject, to }) => [subject, to])
const connectAgain = '[Partner Connector] HubSpot needs to be connected again'

/** Opens so many different notices, a minute apart. */
async function open(count: number) {
  const alerts = anotherProcess()
  await set({ last_synced_at: at(10_000) })
  for (let index = 0; index < count; index++) {
    await alerts.raise({
      partnerId: bench.partnerId,
      kind: 'sync_paused',
      key: `paused:${new ObjectId().toHexString()}`,
      message: `Notice ${index}`,
    })
    await alerts.check()
    await alerts.stop()
    bench.now = at(1)
  }
  return alerts
}

describe('by e-mail', () => {
  test('each person hears in their own way, and a daily one leaves in the morning, once', async () => {
    const [ada, bob] = bench.people
    const person = present(bob)
    person.preferences = { reauthorization_required: 'daily' }
    bench.people.push({ id: new ObjectId(), email: 'off@x', role: 'member', preferences: {} })
    await bench.database.collections.users.insertOne({
      _id: person.id,
      email: person.email,
      disabled: false,
    } as UserDocument)
    await set({ status: 'revoked' })
    const alerts = anotherProcess()
    await alerts.check()
    expect(subjects()).toEqual([[connectAgain, [ada?.email]]])
    bench.now = new Date('2026-11-25T06:59:00.000Z')
    await alerts.check()
    expect(bench.inbox.mails).toHaveLength(1)
    bench.now = new Date('2026-11-25T07:01:00.000Z')
    await Promise.all([alerts.check(), anotherProcess().check()])
    await alerts.check()
    expect(subjects().slice(1)).toEqual([
      ['[Partner Connector] 1 notice about HubSpot', [person.email]],
    ])
    expect(await bench.database.collections.users.findOne({ _id: person.id })).not.toHaveProperty(
      'notice_digest',
    )
  })

  test('it leaves at 7:00 of the HubSpot account, without what was solved meanwhile', async () => {
    const person = present(bench.people[1])
    person.preferences = { reauthorization_required: 'daily', sync_paused: 'daily' }
    await bench.database.collections.users.insertOne({
      _id: person.id,
      email: person.email,
      disabled: false,
    } as UserDocument)
    await set({
      status: 'revoked',
      account: {
        ui_domain: 'app.hubspot.com',
        hublet: null,
        type: null,
        currency: null,
        time_zone: 'America/New_York',
      },
    })
    const alerts = anotherProcess()
    await alerts.check()
    await alerts.raise({
      partnerId: bench.partnerId,
      kind: 'sync_paused',
      key: 'paused:1',
      message: 'Syncing was paused by Ada.',
    })
    await alerts.check()
    await set({ status: 'connected', last_synced_at: new Date('2026-11-25T11:59:00.000Z') })
    const toPerson = () => bench.inbox.mails.filter(({ to }) => to.includes(person.email))
    bench.now = new Date('2026-11-25T11:59:00.000Z')
    await alerts.check()
    expect(toPerson()).toEqual([])
    bench.now = new Date('2026-11-25T12:01:00.000Z')
    await alerts.check()
    expect(toPerson().map(({ subject }) => subject)).toEqual([
      '[Partner Connector] 1 notice about HubSpot',
    ])
    expect(toPerson()[0]?.body).toContain('Syncing was paused by Ada.')
  })

  test('what is about security goes to every admin, whatever they chose', async () => {
    const off = 'off' as const
    for (const person of bench.people)
      person.preferences = {
        reauthorization_required: off,
        sync_stale: off,
        mapping_drift: off,
        sync_paused: off,
      }
    const alerts = await open(1)
    expect(bench.inbox.mails).toEqual([])
    await alerts.raise({
      partnerId: bench.partnerId,
      kind: 'passkey_changed',
      key: 'one',
      message: 'A passkey was added.',
    })
    await alerts.check()
    expect(subjects()[0]?.[1]).toEqual(['ada@partner.example', 'bob@partner.example'])
  })

  test('a storm is three e-mails and then one with all the rest, and holds no security back', async () => {
    const alerts = await open(12)
    expect(bench.inbox.mails).toHaveLength(3)
    await alerts.raise({
      partnerId: bench.partnerId,
      kind: 'new_place',
      key: 'one',
      message: 'A sign-in from elsewhere.',
    })
    await alerts.check()
    expect(bench.inbox.mails).toHaveLength(4)
    bench.now = at(70)
    await alerts.check()
    expect(bench.inbox.mails.map(({ subject }) => subject).slice(4)).toEqual([
      '[Partner Connector] 9 notices about HubSpot',
    ])
    for (const index of [3, 7, 11]) expect(bench.inbox.mails[4]?.body).toContain(`Notice ${index}`)
  })
})

describe('to the address of the partner', () => {
  test('a notice is sent once, beside the e-mail, and a storm together', async () => {
    bench.webhook = true
    const alerts = await open(5)
    expect(bench.delivered.map(({ told }) => told)).toEqual([
      ['Notice 0'],
      ['Notice 1'],
      ['Notice 2'],
    ])
    bench.now = at(70)
    await alerts.check()
    await alerts.stop()
    expect(bench.delivered[3]?.told).toEqual(['Notice 3', 'Notice 4'])
  })

  test('what waited together leaves together, whoever looks at the same time', async () => {
    bench.webhook = true
    await open(12)
    bench.now = at(70)
    const processes = [anotherProcess(), anotherProcess(), anotherProcess()]
    await Promise.all(processes.map(alerts => alerts.check()))
    await Promise.all(processes.map(alerts => alerts.stop()))
    expect(bench.delivered.slice(3).map(({ told }) => told.length)).toEqual([9])
    expect(bench.inbox.mails).toHaveLength(4)
  })

  test('what is not taken is tried again under the same id, and given up in the end', async () => {
    bench.webhook = false
    const alerts = await open(1)
    for (let hours = 0; hours < 40; hours++) {
      bench.now = at(60)
      await alerts.check()
      await alerts.stop()
    }
    expect(bench.delivered).toHaveLength(8)
    expect(new Set(bench.delivered.map(({ id }) => id)).size).toBe(1)
  })
})

test('a choice is kept for each kind, and others stay as they were', async () => {
  const people = createNoticePeople(bench.database.collections)
  const _id = new ObjectId()
  await bench.database.collections.users.insertOne({ _id, email: 'one@x' } as UserDocument)
  await people.choose(_id, { sync_stale: 'off' })
  await people.choose(_id, { mapping_drift: 'daily' })
  expect(await people.find(_id)).toEqual({ sync_stale: 'off', mapping_drift: 'daily' })
})
