import type { EventHandler } from 'h3'
import { ObjectId } from 'mongodb'
import type { z } from 'zod'
import type { RoutePolicy } from '../../server/http/policy'
import { routeContract, type RouteContract } from '../../server/http/define-route'
import { pathOf, reads } from './routes'
import { present } from './present'

export type Route = RoutePolicy & { handler: EventHandler }

/**
 * Where a route takes an id of ours: read from its schemas, so that a new place is found by itself.
 */
export interface IdSlot {
  place: 'path' | 'query' | 'body' | 'cursor'
  name: string
  /** It takes a list of them */
  many?: boolean
}

/** What to send: the route's path, with the id in its place. */
export interface Asked {
  path: string
  json: Record<string, unknown> | undefined
}

export function contractOf(handler: EventHandler): RouteContract {
  return present((handler as unknown as Record<symbol, RouteContract>)[routeContract])
}

const shapeOf = (schema: z.ZodType | undefined): Record<string, z.ZodType> =>
  schema && 'shape' in schema ? (schema.shape as Record<string, z.ZodType>) : {}
const anId = () => new ObjectId().toHexString()
const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success

export function idSlotsOf({ handler }: Route): IdSlot[] {
  const { params, query, body } = contractOf(handler)
  const slots: IdSlot[] = []
  for (const [name, schema] of Object.entries(shapeOf(params)))
    if (accepts(schema, anId())) slots.push({ place: 'path', name })
  for (const [name, schema] of Object.entries(shapeOf(query))) {
    if (name === 'cursor') slots.push({ place: 'cursor', name })
    // A search takes any text, so an id as well.
    else if (accepts(schema, anId())) slots.push({ place: 'query', name })
  }
  for (const [name, schema] of Object.entries(shapeOf(body))) {
    // A text that may hold anything is no reference: only what takes ids and nothing else.
    const takes = (value: unknown) => accepts(schema, value) || accepts(schema, [value])
    if (takes(anId()) && !takes('no id'))
      slots.push({ place: 'body', name, many: !accepts(schema, anId()) })
  }
  return slots
}

const bases: Record<string, Record<string, unknown>> = {
  '/api/v1/leads/:id': { firstName: 'taken over' },
  '/api/v1/deals/:id': { name: 'taken over' },
  '/api/v1/deals': { name: 'ours' },
  '/api/v1/users/:id': { disabled: true },
  '/api/v1/auth/passkeys/:id': { name: 'taken over' },
  '/api/v1/integrations/hubspot/rehearsal/record': { object: 'lead' },
}

/**
 * @param value an id, or a cursor for a cursor's place
 * @param own the caller's own records, for paths where the id stands elsewhere
 */
export function ask(
  route: Route,
  slot: IdSlot | null,
  value: string,
  own: Record<string, string> = {},
): Asked {
  const changes = !reads(route)
  const ownId = own[route.path]
  const path =
    slot?.place === 'path'
      ? pathOf(route, { [`:${slot.name}`]: value })
      : pathOf(route, ownId ? { ':id': ownId } : {})
  const query =
    slot && (slot.place === 'query' || slot.place === 'cursor')
      ? `?${slot.place === 'cursor' ? 'limit=1&' : ''}${slot.name}=${encodeURIComponent(value)}`
      : ''
  const base = bases[route.path] ?? {}
  return {
    path: `${path}${query}`,
    json: changes
      ? slot?.place === 'body'
        ? { ...base, [slot.name]: slot.many ? [value] : value }
        : base
      : undefined,
  }
}
