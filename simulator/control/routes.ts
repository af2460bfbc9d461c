import {
  isObject,
  json,
  matchPath,
  objectBody,
  RefusedRequest,
  type Reply,
  type SimulatorRequest,
} from '../http'
import type { Fault } from '../faults'
import type { World } from '../world'
import { hubspotTime } from '../clock'
import { noSuchControl } from './errors'
import { portalControl } from './portals'
import { loadWorld, saveWorld, type Snapshot } from './snapshot'
import { turnClock } from './time'
import type { ControlState, WebhookReport } from './types'

/** `/_control/…`: what tests do to the simulator and ask of it (simulator/README.md lists it). */
export async function controlRoutes(world: World, request: SimulatorRequest): Promise<Reply> {
  const { method, query } = request
  const path = request.path.slice('/_control'.length)
  const body = () => objectBody(request)
  const portalPath = /^\/portals\/(\d+)\/(.+)$/.exec(path)
  if (portalPath?.[1] && portalPath[2])
    return portalControl(world, request, Number(portalPath[1]), portalPath[2].split('/'))

  switch (`${method} ${path}`) {
    case 'GET /state':
      return json(200, state(world))
    case 'PATCH /settings':
      return json(200, patch(world.settings, body()))
    case 'PATCH /app': {
      patch(world.app, body())
      return json(200, state(world).app)
    }
    case 'POST /clock': {
      const { advanceMs, to } = body()
      turnClock(world.clock, { by: advanceMs, to })
      return json(200, { offsetMs: world.clock.offset() })
    }
    case 'POST /tokens/expire':
      return json(200, {
        expired: world.grants.expireAccessTokens(optionalNumber(body().portalId)),
      })
    case 'POST /tokens/invalidate': {
      world.grants.invalidate(Number(body().portalId))
      return json(200, {})
    }
    case 'POST /uninstall': {
      world.grants.uninstall(Number(body().portalId))
      return json(200, {})
    }
    case 'POST /tokens': {
      const { portalId = [...world.portals.keys()][0], scopes } = body()
      const told = Array.isArray(scopes) ? scopes.map(String) : undefined
      return json(200, installedTokens(world, Number(portalId), told))
    }
    case 'GET /snapshot':
      return json(200, saveWorld(world))
    case 'PUT /snapshot': {
      loadWorld(world, body() as unknown as Snapshot)
      return json(200, {})
    }
    case 'GET /faults':
      return json(200, world.faults.list())
    case 'POST /faults':
      return json(200, { id: world.faults.add(checkedFault(body())) })
    case 'DELETE /faults': {
      world.faults.clear()
      return json(200, {})
    }
    case 'GET /calls': {
      const wanted = {
        since: optionalNumber(query.get('since')),
        kind: query.get('kind') ?? undefined,
        path: query.get('path') ?? undefined,
        limit: optionalNumber(query.get('limit')),
      }
      return json(200, world.calls.list(wanted))
    }
    case 'GET /stats':
      return json(200, world.calls.stats())
    case 'DELETE /calls': {
      world.calls.clear()
      return json(200, {})
    }
    case 'POST /limits/reset': {
      world.limits.reset()
      return json(200, {})
    }
    case 'GET /webhooks':
      return json(200, webhookReport(world))
    case 'PATCH /webhooks': {
      patch(world.webhooks.settings, body())
      return json(200, webhookReport(world))
    }
    case 'POST /webhooks/fire': {
      const { events } = body()
      world.webhooks.fire(Array.isArray(events) ? events.filter(isObject) : [])
      return json(200, webhookReport(world))
    }
  }
  const fault = matchPath('/faults/:id', path)
  if (fault && method === 'DELETE') {
    world.faults.remove(Number(fault.id))
    return json(200, {})
  }
  throw noSuchControl(`${method} ${path}`)
}

function state(world: World): ControlState {
  const { clientSecret: _, ...app } = world.app
  return {
    settings: world.settings,
    app,
    portals: [...world.portals.values()].map(({ description }) => description),
    installations: world.grants.installations().map(({ portalId, scopes, installedAt }) => ({
      portalId,
      scopes,
      installedAt: hubspotTime(installedAt),
    })),
    clockOffsetMs: world.clock.offset(),
  }
}

/**
 * Tokens without a consent page: for scripts and demos.
 * @param scopes those of the app unless told
 */
function installedTokens(
  { app, grants, portals }: World,
  portalId: number,
  scopes = [...app.requiredScopes, ...app.optionalScopes],
) {
  const description = portals.get(portalId)?.description
  if (!description) throw noSuchControl(`portal ${portalId}`)
  const { accessToken, refreshToken, expiresInSeconds } = grants.install(
    {
      portalId,
      scopes,
      userId: description.user.id,
      user: description.user.email,
    },
    description.hublet,
  )
  return { accessToken, refreshToken, expiresInSeconds }
}

function webhookReport({ webhooks }: World): WebhookReport {
  return {
    settings: webhooks.settings,
    counts: webhooks.counts(),
    deliveries: webhooks.deliveries(),
  }
}

/** Sets known names alone: a misspelt one must not pass for done. */
function patch<T extends object>(target: T, changes: Record<string, unknown>): T {
  const unknown = Object.keys(changes).filter(name => !(name in target))
  if (unknown.length > 0)
    throw new RefusedRequest(json(400, { message: `Unknown: ${unknown.join(', ')}` }))
  return Object.assign(target, changes)
}

function checkedFault(body: Record<string, unknown>): Fault {
  if (!isObject(body.action) || typeof body.action.kind !== 'string')
    throw new RefusedRequest(json(400, { message: 'A fault needs an action with a kind' }))
  return body as unknown as Fault
}

function optionalNumber(value: unknown): number | undefined {
  return value === undefined || value === null || value === '' ? undefined : Number(value)
}
