import { z } from 'zod'
import { hubspotTime } from '../clock'
import { invalidInput, json, noContent, notFound, type Reply, type SimulatorRequest } from '../http'
import type { JournalSubscription } from '../webhooks/journal'
import { JournalFilter } from '../webhooks/journal-filters'
import type { World } from '../world'
import { parsedBody } from './bodies'
import { methodNotAllowed } from './call'
import { objectTypeOf } from './paths'

const numbers = z.array(z.int()).default([])
const names = z.array(z.string()).default([])
const Subscription = z.object({
  subscriptionType: z.enum(['OBJECT', 'ASSOCIATION', 'LIST_MEMBERSHIP', 'GDPR_PRIVACY_DELETION']),
  portalId: z.int(),
  objectTypeId: z.string().default(''),
  actions: z.array(z.string()).min(1),
  properties: names,
  objectIds: numbers,
  associatedObjectTypeIds: names,
  listIds: numbers,
})
const NewFilter = z.object({ subscriptionId: z.int(), filter: JournalFilter })

/** `/webhooks-journal/subscriptions/{version}…`: one account's subscriptions, and their filters. */
export function journalSubscriptions(
  world: World,
  request: SimulatorRequest,
  [first, second, ...more]: string[],
): Reply {
  const { journal } = world
  const { method } = request
  if (first === 'filters') return filterRoutes(world, request, [second, ...more])
  if (first === 'portals' && more.length === 0) {
    if (method !== 'DELETE') throw methodNotAllowed()
    drop(world, ({ portalId }) => String(portalId) === second)
    return noContent()
  }
  if (second !== undefined) throw notFound()
  if (first === undefined) {
    if (method === 'GET')
      return json(200, { results: journal.subscriptions.map(one => shown(world, one)) })
    if (method !== 'POST') throw methodNotAllowed()
    return json(200, shown(world, upsert(world, request)))
  }
  const found = journal.subscriptions.find(({ id }) => String(id) === first)
  if (!found) throw notFound()
  if (method === 'GET') return json(200, shown(world, found))
  if (method !== 'DELETE') throw methodNotAllowed()
  drop(world, one => one === found)
  return noContent()
}

function drop({ journal }: World, isGone: (subscription: JournalSubscription) => boolean): void {
  const gone = journal.subscriptions.filter(isGone)
  for (const one of gone) journal.subscriptions.splice(journal.subscriptions.indexOf(one), 1)
  const kept = journal.filters.filter(
    ({ subscriptionId }) => !gone.some(({ id }) => id === subscriptionId),
  )
  journal.filters.splice(0, journal.filters.length, ...kept)
}

/** One of the same type, object and account takes the place of the one before. */
function upsert({ journal, clock, portals, grants }: World, request: SimulatorRequest) {
  const given = parsedBody(request, Subscription)
  const portal = portals.get(given.portalId)
  if (!portal || !grants.installation(given.portalId))
    throw invalidInput(`The app is not installed in account ${given.portalId}`)
  const needsType = given.subscriptionType !== 'LIST_MEMBERSHIP'
  if (needsType && !objectTypeOf(given.objectTypeId, portal))
    throw invalidInput(`Unable to infer object type from: ${given.objectTypeId}`)
  const place = journal.subscriptions.findIndex(
    one =>
      one.portalId === given.portalId &&
      one.subscriptionType === given.subscriptionType &&
      one.objectTypeId === given.objectTypeId,
  )
  const before = journal.subscriptions[place]
  const subscription: JournalSubscription = {
    ...given,
    id: before?.id ?? journal.nextId(),
    createdAt: before?.createdAt ?? clock.now(),
  }
  if (before) journal.subscriptions[place] = subscription
  else journal.subscriptions.push(subscription)
  return subscription
}

function shown({ app }: World, { createdAt, ...subscription }: JournalSubscription) {
  const at = hubspotTime(createdAt)
  return { ...subscription, appId: app.appId, createdAt: at, updatedAt: at }
}

function filterRoutes(
  { journal, clock }: World,
  request: SimulatorRequest,
  [first, second, ...more]: (string | undefined)[],
): Reply {
  const { method } = request
  if (more.length > 0) throw notFound()
  const shownFilter = ({ id, filter, createdAt }: (typeof journal.filters)[number]) => ({
    id,
    filter,
    createdAt,
  })
  if (first === undefined) {
    if (method !== 'POST') throw methodNotAllowed()
    const given = parsedBody(request, NewFilter)
    if (!journal.subscriptions.some(({ id }) => id === given.subscriptionId)) throw notFound()
    const id = journal.nextId()
    journal.filters.push({ ...given, id, createdAt: clock.now() })
    return json(200, { filterId: id })
  }
  if (first === 'subscription') {
    if (method !== 'GET') throw methodNotAllowed()
    const found = journal.filters.filter(({ subscriptionId }) => String(subscriptionId) === second)
    return json(200, found.map(shownFilter))
  }
  const place = journal.filters.findIndex(({ id }) => String(id) === first)
  const found = journal.filters[place]
  if (!found || second !== undefined) throw notFound()
  if (method === 'GET') return json(200, shownFilter(found))
  if (method !== 'DELETE') throw methodNotAllowed()
  journal.filters.splice(place, 1)
  return noContent()
}
