import { randomUUID } from 'node:crypto'
import { hubspotTime } from '../clock'
import {
  hubspotError,
  invalidInput,
  json,
  noContent,
  notFound,
  wholeOf,
  type Reply,
  type SimulatorRequest,
} from '../http'
import { z } from 'zod'
import type { World } from '../world'
import { parsedBody } from './bodies'
import { methodNotAllowed } from './call'
import { journalSubscriptions } from './journal-subscriptions'
import { objectTypeOf } from './paths'

const versions = ['2026-03', '2026-09']
const mostABatch = 100

const Offsets = z.object({ inputs: z.array(z.string()).max(mostABatch) })
const Snapshots = z.object({
  snapshotRequests: z.array(
    z.object({
      portalId: z.int(),
      objectId: z.int(),
      objectTypeId: z.string(),
      properties: z.array(z.string()),
    }),
  ),
})

/**
 * `/webhooks-journal/{journal,journal-local,subscriptions,snapshots}/{version}/…`, opened by a token
 * of the app itself (docs/hubspot-platform.md#journal).
 */
export function journalRoutes(world: World, request: SimulatorRequest): Reply {
  const [, , area = '', version = '', ...rest] = request.path.split('/')
  if (!versions.includes(version)) throw notFound()
  const scopes = scopesOf(world, request)
  const need = (scope: string) => {
    if (!scopes.includes(`developer.webhooks_journal${scope}`))
      throw hubspotError(403, {
        category: 'MISSING_SCOPES',
        message: "This app hasn't been granted all required scopes to make this call.",
        context: { requiredScopes: [`developer.webhooks_journal${scope}`] },
      })
  }
  switch (area) {
    case 'journal':
    case 'journal-local': {
      if (rest[0] === 'status') {
        need('.snapshots.read')
        return snapshotStatus(world, rest[1] ?? '')
      }
      need('.read')
      return read(world, request, area === 'journal-local', rest)
    }
    case 'subscriptions':
      need(request.method === 'GET' ? '.subscriptions.read' : '.subscriptions.write')
      return journalSubscriptions(world, request, rest)
    case 'snapshots':
      need('.snapshots.write')
      if (rest.join('/') !== 'crm') throw notFound()
      if (request.method !== 'POST') throw methodNotAllowed()
      return takeSnapshots(world, request)
    default:
      throw notFound()
  }
}

/** Scopes of the app's own token, got by `client_credentials` */
function scopesOf({ grants, clock }: World, { headers }: SimulatorRequest): string[] {
  const [, value = ''] = /^Bearer (\S+)$/i.exec(String(headers.authorization ?? '')) ?? []
  const token = grants.appToken(value)
  if (token && token.expiresAt > clock.now()) return token.scopes
  throw hubspotError(401, {
    category: 'INVALID_AUTHENTICATION',
    message: 'A token that client_credentials gave is needed here.',
  })
}

type Entry = ReturnType<World['journal']['entries']>[number]

/** Nothing newer is an answer of its own: 204. */
function read(world: World, request: SimulatorRequest, isLocal: boolean, rest: string[]): Reply {
  const { journal, clock } = world
  const portal = request.query.get('installPortalId')
  if (isLocal && portal === null) throw invalidInput('installPortalId is missing')
  const entries = journal.entries(portal === null ? null : Number(portal))
  const shown = (entry: Entry) => {
    const { url, expiresAt } = journal.openLink(entry)
    return { url, expiresAt: hubspotTime(expiresAt), currentOffset: entry.offset }
  }
  const one = (entry: Entry | undefined) => (entry ? json(200, shown(entry)) : noContent())
  const batch = (found: Entry[], missing: string[] = []) => {
    const now = hubspotTime(clock.now())
    const errors = missing.map(offset => ({
      status: 'error',
      category: 'OBJECT_NOT_FOUND',
      message: `No journal entry has the offset ${offset}`,
      context: { offset: [offset] },
    }))
    return json(errors.length > 0 ? 207 : 200, {
      status: 'COMPLETE',
      results: found.map(shown),
      startedAt: now,
      completedAt: now,
      ...(errors.length > 0 ? { numErrors: errors.length, errors } : {}),
    })
  }
  const after = (offset: string) => {
    const place = entries.findIndex(entry => entry.offset === offset)
    if (place < 0) throw notFound()
    return entries.slice(place + 1)
  }
  const countOf = (text: string) =>
    wholeOf(new URLSearchParams({ count: text }), 'count', 1, mostABatch)

  const path = rest.join('/')
  if (request.method === 'POST' && path === 'batch/read') {
    const { inputs } = parsedBody(request, Offsets)
    const found = entries.filter(({ offset }) => inputs.includes(offset))
    const known = found.map(({ offset }) => offset)
    return batch(
      found,
      inputs.filter(offset => !known.includes(offset)),
    )
  }
  if (request.method !== 'GET') throw methodNotAllowed()
  const [first, second = '', third, fourth = ''] = rest
  if (path === 'earliest') return one(entries[0])
  if (path === 'latest') return one(entries.at(-1))
  if (first === 'offset' && third === 'next') return one(after(second)[0])
  if (first !== 'batch' || third === undefined) throw notFound()
  if (second === 'earliest') return batch(entries.slice(0, countOf(third)))
  if (second === 'latest') return batch(entries.slice(-countOf(third)))
  if (third === 'next') return batch(after(second).slice(0, countOf(fourth)))
  throw notFound()
}

/** Records as they are now, as events of the journal. */
function takeSnapshots(world: World, request: SimulatorRequest): Reply {
  const { journal, clock, portals, grants } = world
  const { snapshotRequests } = parsedBody(request, Snapshots)
  const snapshotResponses = snapshotRequests.map(
    ({ portalId, objectId, objectTypeId, properties }) => {
      const id = randomUUID()
      const at = clock.now()
      const portal = grants.installation(portalId) && portals.get(portalId)
      const type = objectTypeOf(objectTypeId, portal)
      const store = type && portal?.store(type)
      const view = store?.view(store.indexOf(String(objectId)))
      if (view?.archivedAt === null)
        journal.add({
          type: 'OBJECT',
          portalId,
          occurredAt: new Date(at).toISOString(),
          action: 'SNAPSHOT',
          objectTypeId,
          objectId,
          propertyChanges: Object.fromEntries(properties.map(name => [name, view.value(name)])),
        })
      journal.snapshots.set(id, {
        id,
        initiatedAt: at,
        completedAt: at,
        ...(view?.archivedAt === null
          ? { status: 'SUCCESS' }
          : { status: 'FAILED', errorCode: 'VALIDATION_ERROR' }),
      })
      return { portalId, objectId, objectTypeId, snapshotStatusId: id }
    },
  )
  return json(200, { snapshotResponses })
}

function snapshotStatus({ journal }: World, id: string): Reply {
  const status = journal.snapshots.get(id)
  if (!status) throw notFound()
  return json(200, status)
}

/** `/journaled/{secret}`: the file of an entry, at an open address. */
export function journaledFile({ journal }: World, secret: string): Reply {
  const entry = journal.fileOf(secret)
  if (!entry)
    return {
      status: 403,
      headers: { 'content-type': 'application/xml' },
      body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
    }
  return json(200, {
    offset: entry.offset,
    publishedAt: hubspotTime(entry.publishedAt),
    journalEvents: entry.events,
  })
}
