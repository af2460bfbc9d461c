import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { methodsOf, policy } from '../../server/http/policy'
import { routePolicy, type RouteRole } from '../../server/http/define-route'

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
