import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { EventHandler } from 'h3'
import { policy, type RoutePolicy } from '../../server/http/policy'

const server = fileURLToPath(new URL('../../server/', import.meta.url))

/** The file that Nitro makes a route of. */
function fileOf({ method, path }: RoutePolicy): string {
  const below = path.startsWith('/api/') ? path.slice(1) : `routes${path}`
  const name = `${server}${below.replace(/:(\w+)/g, '[$1]')}`
  const suffix = `.${method.toLowerCase()}.ts`
  const file = [`${name}${suffix}`, `${name}/index${suffix}`, `${name}.ts`].find(existsSync)
  if (!file) throw new Error(`${method} ${path} has no file`)
  return file
}

/**
 * Every handler that the policy names, in the policy's order: what stands first wins, as the more
 * exact path does in Nitro.
 */
export async function allRoutes(): Promise<(RoutePolicy & { handler: EventHandler })[]> {
  return await Promise.all(
    policy.map(async route => ({
      ...route,
      handler: ((await import(pathToFileURL(fileOf(route)).href)) as { default: EventHandler })
        .default,
    })),
  )
}
