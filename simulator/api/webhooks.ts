import { z } from 'zod'
import { hubspotTime } from '../clock'
import { objectTypes } from '../data/object-types'
import {
  hubspotError,
  invalidInput,
  json,
  jsonBody,
  noContent,
  notFound,
  type Reply,
  type SimulatorRequest,
} from '../http'
import { subscriptionOf, type Subscription } from '../webhooks/subscriptions'
import type { World } from '../world'
import { methodNotAllowed } from './call'

/** Versions that have these routes; 2026-09 has not (docs/hubspot-platform.md#webhook-delivery). */
const versions = ['v3', '2025-09', '2026-03']

const Settings = z.object({ targetUrl: z.url(), maxConcurrentRequests: z.int().min(1).optional() })
const NewSubscription = z.object({
  eventType: z.string(),
  propertyName: z.string().optional(),
  objectTypeId: z.string().optional(),
  active: z.boolean().optional(),
})
const Activity = z.object({ active: z.boolean() })

/**
 * `/webhooks/{version}/{appId}/settings` and `…/subscriptions[/{id}]`: the app's own settings,
 * opened by the developer's key, not by a customer's token.
 */
export function webhookSettingsRoutes(world: World, request: SimulatorRequest): Reply {
  const [, , version = '', appId, resource, id, ...more] = request.path.split('/')
  if (!versions.includes(version) || more.length > 0) throw notFound()
  if (request.query.get('hapikey') !== world.app.developerApiKey)
    throw hubspotError(401, {
      category: 'INVALID_AUTHENTICATION',
      message: 'The API key provided is invalid.',
    })
  if (appId !== String(world.app.appId)) throw notFound()
  if (resource === 'settings' && id === undefined) return settings(world, request)
  if (resource === 'subscriptions') return subscriptions(world, request, id)
  throw notFound()
}

function parsed<S extends z.ZodType>(request: SimulatorRequest, schema: S): z.output<S> {
  const result = schema.safeParse(jsonBody(request))
  if (!result.success) throw invalidInput(result.error.issues[0]?.message ?? 'Invalid input')
  return result.data
}

function settings({ webhooks, clock }: World, request: SimulatorRequest): Reply {
  const present = webhooks.settings
  if (request.method === 'DELETE') {
    // The subscriptions stay and wait for the next address.
    present.targetUrl = null
    present.enabled = false
    return noContent()
  }
  if (request.method === 'PUT') {
    const { targetUrl, maxConcurrentRequests } = parsed(request, Settings)
    present.targetUrl = targetUrl
    present.enabled = true
    if (maxConcurrentRequests !== undefined) present.maxConcurrentRequests = maxConcurrentRequests
  } else if (request.method !== 'GET') throw methodNotAllowed()
  if (present.targetUrl === null) throw notFound()
  const now = hubspotTime(clock.now())
  return json(200, {
    targetUrl: present.targetUrl,
    throttling: { maxConcurrentRequests: present.maxConcurrentRequests },
    createdAt: now,
    updatedAt: now,
  })
}

function subscriptions(world: World, request: SimulatorRequest, id: string | undefined): Reply {
  const { method } = request
  const list = world.webhooks.settings.subscriptions
  if (id === undefined) {
    if (method === 'GET')
      return json(200, { results: list.map(subscription => shown(world, subscription)) })
    if (method !== 'POST') throw methodNotAllowed()
    const { eventType, propertyName, objectTypeId, active } = parsed(request, NewSubscription)
    const added = subscriptionOf(Math.max(686_600, ...list.map(one => one.id)) + 1, {
      subscriptionType: eventType,
      objectType: objectTypeId,
      propertyName,
      active,
    })
    if (!added) throw invalidInput(`Unknown eventType ${eventType}`)
    if ((added.kind === 'propertyChange') !== (propertyName !== undefined))
      throw invalidInput('propertyName belongs to propertyChange, and to nothing else')
    list.push(added)
    return json(201, shown(world, added))
  }
  const place = list.findIndex(subscription => String(subscription.id) === id)
  const found = list[place]
  if (method === 'DELETE') {
    if (found) list.splice(place, 1)
    return noContent()
  }
  if (!found) throw notFound()
  if (method === 'PATCH') found.active = parsed(request, Activity).active
  else if (method !== 'GET') throw methodNotAllowed()
  return json(200, shown(world, found))
}

function shown({ clock }: World, { id, type, kind, property, shape, active }: Subscription) {
  const now = hubspotTime(clock.now())
  return {
    id: String(id),
    eventType: shape === 'generic' ? `object.${kind}` : `${type.slice(0, -1)}.${kind}`,
    ...(shape === 'generic' ? { objectTypeId: objectTypes[type].objectTypeId } : {}),
    ...(property === undefined ? {} : { propertyName: property }),
    active,
    createdAt: now,
    updatedAt: now,
  }
}
