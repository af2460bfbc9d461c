import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { routeContract, type RouteContract } from '../../server/http/define-route'

const apiFolder = fileURLToPath(new URL('../../server/api/', import.meta.url))

export interface ApiRoute {
  method: string
  /** With OpenAPI's `{name}` for a parameter */
  path: string
  contract: RouteContract
}

/** `v1/deals/[id].patch.ts` → `PATCH /api/v1/deals/{id}`, as Nitro reads the file's name */
function nameOf(file: string): { method: string; path: string } | null {
  const [, route, method] = /^(v1\/.+)\.(get|post|put|patch|delete)\.ts$/.exec(file) ?? []
  if (!route || !method) return null
  return {
    method: method.toUpperCase(),
    path: `/api/${route.replace(/\/index$/, '').replace(/\[(\w+)\]/g, '{$1}')}`,
  }
}

/** Every handler below `server/api/v1`, with the schemas that it was made with. */
export async function readApiRoutes(): Promise<ApiRoute[]> {
  const files = readdirSync(apiFolder, { recursive: true, encoding: 'utf8' })
    .map(file => file.replaceAll('\\', '/'))
    .sort()
  const routes: ApiRoute[] = []
  for (const file of files) {
    const name = nameOf(file)
    if (!name) continue
    const { default: handler }: { default: { [routeContract]?: RouteContract } } = await import(
      pathToFileURL(`${apiFolder}${file}`).href
    )
    const contract = handler[routeContract]
    if (!contract) throw new Error(`server/api/${file} was not made with defineRoute`)
    routes.push({ ...name, contract })
  }
  return routes
}
