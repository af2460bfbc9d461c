import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { createApp, eventHandler, readRawBody, type App, type H3Event } from 'h3'
import { exportedFile } from './api/exports'
import { apiRoutes } from './api/gateway'
import { journaledFile, journalRoutes } from './api/journal'
import { webhookSettingsRoutes } from './api/webhooks'
import type { PendingCall } from './calls'
import { overview } from './control/page'
import { controlRoutes } from './control/routes'
import type { Fault } from './faults'
import { json, notFound, RefusedRequest, type Reply, type SimulatorRequest } from './http'
import { oauthRoutes } from './oauth/routes'
import { realLatency } from './strangeness'
import type { World } from './world'

const longestUrl = 8_192

/**
 * The simulator as an h3 app: one handler, since HubSpot's paths carry their versions in different
 * places.
 */
export function createSimulatorApp(world: World): App {
  const app = createApp()
  app.use(eventHandler(event => serve(world, event)))
  return app
}

async function serve(world: World, event: H3Event): Promise<void> {
  const request = await readRequest(event)
  if (request.path.startsWith('/_control')) {
    write(event, await answer(() => controlRoutes(world, request)))
    return
  }
  if (request.path === '/') {
    write(event, await answer(() => overview(world, request)))
    return
  }
  const call = world.calls.begin(request.method, withoutSecrets(request.path))
  const portalId = portalOf(world, request)
  const isPage = /^\/(oauth\/(\d+\/)?authorize|marketplace)(\/|$)/.test(request.path)
  const fault = world.faults.take({ method: request.method, path: request.path, portalId, isPage })
  if (fault) call.fault = fault.action.kind
  const latencyMs =
    world.settings.latencyMs +
    (world.settings.latencyProfile === 'real' ? realLatency(world.random()) : 0)
  if (!isPage && latencyMs > 0) await wait(latencyMs)
  if (fault) await misbehave(world, event, request, call, fault)
  else finish(event, call, await route(world, request, call))
}

async function readRequest(event: H3Event): Promise<SimulatorRequest> {
  const { method, path, headers } = {
    method: event.method,
    path: event.path,
    headers: event.node.req.headers,
  }
  const [rawPath = '/', ...rest] = path.split('?')
  const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE'
  return {
    method,
    path: decodePath(rawPath).replace(/(?<=.)\/+$/, ''),
    query: new URLSearchParams(rest.join('?')),
    headers,
    body: hasBody ? ((await readRawBody(event, 'utf8')) ?? '') : '',
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function route(world: World, request: SimulatorRequest, call: PendingCall): Promise<Reply> {
  return answer(() => {
    if (request.path.length + request.query.toString().length > longestUrl) return { status: 414 }
    if (request.path.startsWith('/oauth') || request.path.startsWith('/marketplace'))
      return oauthRoutes(world, request, call)
    if (request.path.startsWith('/webhooks-journal/')) return journalRoutes(world, request)
    if (request.path.startsWith('/webhooks/')) return webhookSettingsRoutes(world, request)
    const [, exported, ...place] = request.path.split('/')
    if (exported === 'journaled' && request.method === 'GET')
      return journaledFile(world, place[0] ?? '')
    if (exported === 'exported' && request.method === 'GET') return exportedFile(world, place)
    if (/^\/(crm|crm-object-schemas|contacts|account-info|appinstalls)\//.test(request.path))
      return apiRoutes(world, request, call)
    throw notFound()
  })
}

async function answer(work: () => Reply | Promise<Reply>): Promise<Reply> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RefusedRequest) return error.reply
    // A fault of the simulator itself must not look like one of HubSpot's.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`simulator: ${message}\n`)
    return json(500, {
      status: 'error',
      message: 'The simulator itself failed',
      category: 'SIMULATOR_BUG',
      correlationId: randomUUID(),
    })
  }
}

async function misbehave(
  world: World,
  event: H3Event,
  request: SimulatorRequest,
  call: PendingCall,
  { action }: Fault,
): Promise<void> {
  const { res } = event.node
  switch (action.kind) {
    case 'status': {
      const body = action.body ?? {
        status: 'error',
        message: `Injected status ${action.status}`,
        correlationId: randomUUID(),
        ...categoryOf(action.status),
      }
      const reply =
        typeof body === 'string' ? { status: action.status, body } : json(action.status, body)
      return finish(event, call, {
        ...reply,
        headers: { ...('headers' in reply ? reply.headers : {}), ...action.headers },
      })
    }
    case 'html':
      return finish(event, call, {
        status: action.status ?? 502,
        headers: { 'content-type': 'text/html' },
        body: '<html><head><title>502 Bad Gateway</title></head><body><h1>Bad gateway</h1></body></html>',
      })
    case 'delay':
      await wait(action.ms)
      return finish(event, call, await route(world, request, call))
    case 'hang':
      if (action.afterWork) await route(world, request, call)
      await new Promise<void>(resolve => res.once('close', resolve))
      call.end(0)
      return
    case 'reset':
      if (action.afterWork) await route(world, request, call)
      call.end(0)
      res.socket?.resetAndDestroy()
      return
    case 'malformed': {
      const reply = await route(world, request, call)
      return finish(event, call, { ...reply, body: `${String(reply.body ?? '{}').slice(0, -1)},,` })
    }
    case 'truncate': {
      const reply = await route(world, request, call)
      const body = Buffer.from(reply.body ?? '{}')
      call.end(0)
      res.writeHead(reply.status, { ...reply.headers, 'content-length': body.length + 10 })
      await new Promise<void>(resolve =>
        res.write(body.subarray(0, Math.floor(body.length / 2)), () => resolve()),
      )
      res.socket?.destroy()
    }
  }
}

function categoryOf(status: number): { category?: string } {
  const categories: Record<number, string> = {
    423: 'LOCKED',
    429: 'RATE_LIMITS',
    477: 'MIGRATION_IN_PROGRESS',
  }
  return categories[status] ? { category: categories[status] } : {}
}

function finish(event: H3Event, call: PendingCall, reply: Reply): void {
  call.end(reply.status)
  write(event, reply)
}

function write(event: H3Event, reply: Reply): void {
  const { res } = event.node
  if (res.destroyed || res.headersSent) return
  const body = reply.body === undefined ? undefined : Buffer.from(reply.body)
  res.writeHead(reply.status, {
    'x-hubspot-correlation-id': correlationIdOf(reply),
    ...reply.headers,
    ...(body ? { 'content-length': body.length } : {}),
  })
  res.end(body)
}

/** The same id in the header as in an error's body. */
function correlationIdOf(reply: Reply): string {
  return (
    /"correlationId":"([^"]+)"/.exec(reply.status >= 400 ? String(reply.body ?? '') : '')?.[1] ??
    randomUUID()
  )
}

/** Faults can be for one portal: whose token is it? */
function portalOf(world: World, request: SimulatorRequest): number | null {
  const bearer = /^Bearer (\S+)$/i.exec(String(request.headers.authorization ?? ''))?.[1]
  if (bearer !== undefined) return world.grants.accessToken(bearer)?.installation.portalId ?? null
  const refreshToken = /(?:^|&)refresh_token=([^&]*)/.exec(request.body)?.[1]
  return refreshToken === undefined
    ? null
    : (world.grants.byRefreshToken(decodeURIComponent(refreshToken))?.portalId ?? null)
}

/** v1 of the OAuth API has tokens in its paths, and addresses of files are secrets. */
function withoutSecrets(path: string): string {
  return path.replace(
    /^(\/oauth\/v1\/(?:access|refresh)-tokens\/|\/exported\/\d+\/|\/journaled\/).+/,
    '$1…',
  )
}
