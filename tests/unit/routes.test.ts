import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { methodsOf, policy } from '../../server/http/policy'
import {
  routeContract,
  routePolicy,
  type RouteContract,
  type RouteRole,
} from '../../server/http/define-route'

const server = fileURLToPath(new URL('../../server', import.meta.url))

interface RouteFile {
  file: string
  method: string
  path: string
}

/** The routes that Nitro makes of the files in server/api and server/routes. */
function routeFiles(): RouteFile[] {
  const all: RouteFile[] = []
  for (const [folder, prefix] of [
    ['api', '/api'],
    ['routes', ''],
  ] as const) {
    const root = join(server, folder)
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|mts|js|mjs)$/.test(entry.name)) continue
      const file = join(entry.parentPath, entry.name)
      const match = /^(.*?)(?:\.(get|post|put|patch|delete|head|options))?\.\w+$/.exec(
        `${prefix}/${relative(root, file)}`,
      )
      const path = (match?.[1] ?? '')
        .replace(/\/index$/, '')
        .replace(/\[\.{3}(\w+)\]/g, '**:$1')
        .replace(/\[(\w+)\]/g, ':$1')
      all.push({ file, method: (match?.[2] ?? 'all').toUpperCase(), path })
    }
  }
  return all
}

const catchAll = (path: string) => path.endsWith('**:path')
const files = routeFiles()
const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`

describe('the route table', () => {
  it.each(files.map(route => [name(route), route] as const))(
    '%s is made with defineRoute and has the role of the policy',
    async (_name, { file, method, path }) => {
      const handler = ((await import(file)) as { default: unknown }).default
      const made = (handler as Record<symbol, { role: RouteRole } | undefined>)[routePolicy]
      expect(made, `${relative(server, file)} was not made with defineRoute`).toBeDefined()
      if (catchAll(path)) return
      const entry = policy.find(candidate => candidate.method === method && candidate.path === path)
      expect(entry, `${method} ${path} is missing in server/http/policy.ts`).toBeDefined()
      expect(made?.role).toBe(entry?.role)
    },
  )

  it('holds a file for every route of the policy', () => {
    const existing = new Set(files.map(name))
    expect(policy.map(name).filter(route => !existing.has(route))).toEqual([])
  })

  it('names each route once', () => {
    expect(new Set(policy.map(name)).size).toBe(policy.length)
  })

  it('tells a handler that was not made with defineRoute', () => {
    expect((() => 'plain')[routePolicy as keyof object]).toBeUndefined()
  })

  it('knows the methods of a path, with parameters', () => {
    expect(methodsOf('/api/v1/leads/6b05c37dd311661b14a5d6e5')).toEqual(['GET', 'PATCH', 'DELETE'])
    expect(methodsOf('/api/v1/leads/')).toEqual([])
    expect(methodsOf('/v1/integrations/hubspot/disconnect')).toEqual(['DELETE'])
  })
})

describe('what costs time of ours, of HubSpot or of people', () => {
  const contractOf = async (route: string): Promise<RouteContract> => {
    const file = files.find(candidate => name(candidate) === route)?.file ?? ''
    const handler = ((await import(file)) as { default: unknown }).default
    return (handler as Record<symbol, RouteContract>)[routeContract] as RouteContract
  }
  const hubspot = '/api/v1/integrations/hubspot'

  it.each([
    `POST ${hubspot}/refresh`,
    `GET ${hubspot}/doctor`,
    `POST ${hubspot}/preview`,
    `GET ${hubspot}/preview/export`,
    `GET ${hubspot}/explain`,
    `POST ${hubspot}/rehearsal`,
    `POST ${hubspot}/rehearsal/record`,
    `POST ${hubspot}/scope/preview`,
    `POST ${hubspot}/scope/rehearsal`,
    `GET ${hubspot}/lists`,
    `GET ${hubspot}/samples/:object`,
    `GET ${hubspot}/failures/export`,
    'GET /api/v1/leads/export',
    'GET /api/v1/deals/export',
    'POST /api/v1/leads',
    'POST /api/v1/deals',
    'POST /api/v1/leads/import',
    'POST /api/v1/leads/bulk',
    'POST /api/v1/deals/bulk',
    'POST /api/v1/views',
    'POST /api/v1/fields',
    'POST /api/v1/service-keys',
    'POST /api/v1/users/invitations',
    'POST /api/v1/users/:id/password-reset',
    'POST /api/v1/auth/step-up',
    'POST /api/v1/auth/step-up/options',
    'POST /api/v1/auth/passkeys',
    'POST /api/v1/auth/passkeys/registration/options',
  ])('%s is limited by the minute', async route => {
    expect(['person', 'partner']).toContain((await contractOf(route)).limit?.of)
  })

  it('is limited by the address, or by the sign-in throttle, where nobody has to be signed in', async () => {
    // These two count before any hashing (`server/accounts/throttle.ts`).
    const throttled = ['POST /api/v1/auth/login', 'POST /api/v1/auth/passkeys/recover']
    const open = policy.filter(({ role, method }) => role === 'anyone' && method === 'POST')
    expect(open.length).toBeGreaterThan(throttled.length)
    for (const route of open.map(name))
      expect([route, (await contractOf(route)).limit?.of]).toEqual([
        route,
        throttled.includes(route) ? undefined : 'address',
      ])
  })
})
