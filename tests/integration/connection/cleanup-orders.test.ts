import { ObjectId } from 'mongodb'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SignedIn } from '../../../server/accounts/sessions'
import { createConnection, type ConnectionService } from '../../../server/connection'
import { systemActor } from '../../../server/database/audit'
import type { Collections } from '../../../server/database/collections'
import type { PartnerDocument } from '../../../server/database/documents'
import { createHubspotHttp } from '../../../server/hubspot/http'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { createTurns, inAllOrders, type Turns } from '../../support/orders'
import { present } from '../../support/present'
import { revokePath, tokenPath, uninstallPath, type Answerer } from '../../support/scripted-hubspot'

// Every order costs a few dozen commands of the database; on a busy machine they take their time.
vi.setConfig({ testTimeout: 600_000 })

const portalId = 9500
/** How often an order of all commands may leave somebody who could go on: 2 are some thousand */
const mostSwitches = Number(process.env.RACE_SWITCHES ?? 1)
const returnUrl = 'https://app.hubspot.com/ecosystem/42/install'
const away: Answerer = (_request, response) => void response.writeHead(503).end()

let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())
afterEach(async () => {
  app.time.offsetMs = 0
  await app.services.database.collections.portalReservations.deleteMany({})
})

/** Each command to a collection that clean-ups and connections share waits for its turn. */
function inTurn(collections: Collections, turns: Turns): Collections {
  const methods = ['findOne', 'findOneAndUpdate', 'updateOne', 'deleteOne', 'deleteMany']
  const gated = (name: 'partners' | 'portalReservations') =>
    new Proxy(collections[name], {
      get(target, method) {
        const value: unknown = Reflect.get(target, method)
        if (typeof value !== 'function') return value
        const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args)
        if (!methods.includes(String(method))) return call
        return async (...args: unknown[]) => {
          await turns.point()
          return await call(...args)
        }
      },
    })
  return {
    ...collections,
    partners: gated('partners') as Collections['partners'],
    portalReservations: gated('portalReservations') as Collections['portalReservations'],
  }
}

/** Calls that make, end or ask about a grant wait for their turn to arrive and to come back. */
function hubspotInTurn(turns: Turns, answersToo: boolean): typeof fetch {
  return async (input, init) => {
    const form = typeof init?.body === 'string' ? init.body : String(init?.body ?? '')
    const counts =
      [tokenPath, revokePath, uninstallPath].some(path => String(input).endsWith(path)) ||
      form.includes('token_type_hint=refresh_token')
    if (counts) await turns.point()
    const answer = await fetch(input, init)
    if (counts && answersToo) await turns.point()
    return answer
  }
}

interface Stage {
  connection: ConnectionService
  turns: Turns
}

/** A connection whose steps wait for their turn. @param everyCommand the database's too */
function stage(everyCommand: boolean): Stage {
  const turns = createTurns(everyCommand)
  const { services } = app
  // What goes by the time goes the same way in each play of an order, however slow the machine is.
  const began = Date.now()
  let ticks = 0
  const connection = createConnection({
    collections: everyCommand
      ? inTurn(services.database.collections, turns)
      : services.database.collections,
    configuration: app.configuration,
    http: createHubspotHttp({
      fetch: hubspotInTurn(turns, everyCommand),
      apiBaseUrl: app.hubspot.url,
      log: services.log,
      metrics: services.metrics,
    }),
    cipher: services.cipher,
    audit: services.audit,
    clock: () => new Date(began + app.time.offsetMs + ++ticks),
    log: services.log,
    metrics: services.metrics,
    wait: () => turns.pause(),
    countRecords: () => Promise.resolve({ waiting: 0, failed: 0 }),
  })
  return { connection, turns }
}

const admin = (name: string): SignedIn => ({
  sessionId: new ObjectId(),
  user: { id: new ObjectId(), email: `${name}@example.test`, role: 'admin' },
  partner: { id: new ObjectId(), name },
})
const partners = () => app.services.database.collections.partners
const integrationOf = async ({ partner }: SignedIn) =>
  (await partners().findOne({ _id: partner.id }))?.hubspot_integration ?? null
const isAlive = () => app.hubspot.refreshTokens.size > 0

/** The former partner as it stands with a connection, to begin each order with. */
async function connected(former: SignedIn): Promise<PartnerDocument> {
  await partners().deleteMany({})
  app.hubspot.refreshTokens.clear()
  await insert(former)
  const { connection } = stage(false)
  expect((await connect(connection, former)).location).toContain('success')
  return present(await partners().findOne({ _id: former.partner.id }))
}
async function insert(...people: SignedIn[]): Promise<void> {
  await partners().insertMany(
    people.map(({ partner }) => ({
      _id: partner.id,
      schema_version: 1 as const,
      name: partner.name,
      created_at: new Date(),
      hubspot_integration: null,
    })),
  )
}

async function connect(connection: ConnectionService, who: SignedIn) {
  // Another person of the partner each time: one may begin to connect ten times a minute.
  who = { ...who, user: { ...who.user, id: new ObjectId() } }
  const { state, browser } = await connection.connect(who, {})
  return await callback(connection, who, { state, secret: browser.secret })
}
async function callback(
  connection: ConnectionService,
  who: SignedIn,
  { state, secret, step }: { state: string; secret: string; step?: string },
) {
  return await connection.callback({
    query: { code: app.hubspot.code(portalId), state, ...(step ? { step } : {}) },
    signedIn: who,
    takeBrowserSecret: () => secret,
  })
}
/** Installs from the marketplace as far as the question. @returns whether there is one */
async function putAside(connection: ConnectionService, who: SignedIn): Promise<boolean> {
  const { state, browser } = await connection.connect(who, { returnUrl })
  const asked = await callback(connection, who, { state, secret: browser.secret, step: 'finalize' })
  // No account is connected that the admin did not see named.
  expect((await integrationOf(who))?.portal_id ?? null).toBeNull()
  return asked.location.includes('account=waiting')
}
/** Installs from the marketplace, sees the account named, and says yes. */
async function install(connection: ConnectionService, who: SignedIn): Promise<void> {
  if (await putAside(connection, who))
    await connection.acceptPending(who.partner.id, String(portalId), who)
}

/** What has to hold whatever the order was, at once and once the upkeep has been there. */
async function check({ connection }: Stage, order: string): Promise<void> {
  const look = async (when: string) => {
    const all = (await partners().find().toArray()).map(one => one.hubspot_integration)
    const owners = all.filter(one => one && one.status !== 'disconnected')
    expect(owners.length, `one owner at most, ${when}: ${order}`).toBeLessThanOrEqual(1)
    for (const owner of owners)
      expect([owner?.status, isAlive()], `the owner's grant lives, ${when}: ${order}`).toEqual([
        'connected',
        true,
      ])
    return {
      isOwned: owners.length > 0,
      isKept: all.some(one => one && (one.pending_grant !== null || one.remote_cleanup !== null)),
    }
  }
  const { isOwned, isKept } = await look('at once')
  expect(!isAlive() || isOwned || isKept, `no grant is forgotten: ${order}`).toBe(true)
  const { portalReservations } = app.services.database.collections
  const until = { $gt: new Date(Date.now() + app.time.offsetMs + 5000) }
  expect(await portalReservations.countDocuments({ until }), order).toBe(0)
  if (!isKept) return
  app.time.offsetMs += 30 * 60_000
  await connection.maintain()
  expect(isAlive(), `what nobody owns has ended: ${order}`).toBe((await look('later')).isOwned)
  app.time.offsetMs = 0
}

interface Scene {
  former: SignedIn
  next: SignedIn
  third: SignedIn
  connection: ConnectionService
}
type Works = (scene: Scene) => Record<string, () => Promise<void>>

/**
 * Plays works in every order. The former partner begins connected, or disconnected with a clean-up
 * that is due. @returns how many orders there were
 */
async function playAll(
  works: Works,
  {
    begins,
    everyCommand,
    most,
  }: { begins: 'connected' | 'due'; everyCommand: boolean; most?: number },
): Promise<number> {
  const former = admin('former')
  let begun = await connected(former)
  if (begins === 'due') {
    for (const path of [uninstallPath, revokePath]) app.hubspot.answer(path, away)
    await stage(false).connection.disconnect(former.partner.id, systemActor)
    for (const path of [uninstallPath, revokePath]) app.hubspot.answer(path, null)
    begun = present(await partners().findOne({ _id: former.partner.id }))
  }
  const grants = [...app.hubspot.refreshTokens]
  return await inAllOrders(async (choose, order) => {
    const scene = { ...stage(everyCommand), former, next: admin('next'), third: admin('third') }
    await partners().deleteMany({})
    await app.services.database.collections.portalReservations.deleteMany({})
    await partners().insertOne(begun)
    await insert(scene.next, scene.third)
    app.hubspot.refreshTokens.clear()
    for (const [token, grant] of grants) app.hubspot.refreshTokens.set(token, grant)
    if (begins === 'due') app.time.offsetMs = 3 * 60_000
    await scene.turns.play(works(scene), choose)
    await check(scene, order.join(' '))
  }, most)
}

const disconnects: Works = ({ connection, former }) => ({
  disconnect: async () => void (await connection.disconnect(former.partner.id, systemActor)),
})
const cleansUp: Works = ({ connection }) => ({ upkeep: () => connection.maintain() })
const connects: Works = ({ connection, next }) => ({
  connect: async () => void (await connect(connection, next)),
})
const returns: Works = ({ connection, former }) => ({
  return: async () => void (await connect(connection, former)),
})
const installs: Works = ({ connection, third }) => ({ install: () => install(connection, third) })
const declines: Works = ({ connection, third }) => ({
  decline: async () => {
    await putAside(connection, third)
    await connection.declinePending(third.partner.id, systemActor, null)
  },
})

const together =
  (...all: Works[]): Works =>
  scene =>
    Object.assign({}, ...all.map(works => works(scene)))

describe('clean-ups, connects and installs of one account', () => {
  test.each<[string, Works, 'connected' | 'due']>([
    ['a disconnect', disconnects, 'connected'],
    ['a clean-up of before', cleansUp, 'due'],
  ])(
    'leave one owner whose grant lives, or none and no grant, in all orders of their calls to HubSpot: %s',
    async (name, ends, begins) => {
      const works = together(ends, connects, installs)
      const orders = await playAll(works, { begins, everyCommand: false })
      console.info(`${name}, a connect and an install: ${orders} orders of calls to HubSpot`)
      expect(orders).toBeGreaterThan(30)
    },
  )

  test.each<[string, Works, 'connected' | 'due']>([
    [
      'a disconnect and another partner that connects',
      together(disconnects, connects),
      'connected',
    ],
    ['a clean-up of before and a partner that comes back', together(cleansUp, returns), 'due'],
    ['a clean-up of before and an install', together(cleansUp, installs), 'due'],
    ['a connect and an install that is declined', together(connects, declines), 'due'],
  ])('do so wherever one waits between two commands: %s', async (name, works, begins) => {
    const orders = await playAll(works, { begins, everyCommand: true, most: mostSwitches })
    console.info(`${name}: ${orders} orders of calls and commands`)
    expect(orders).toBeGreaterThan(15)
  })
})
