import { json, objectBody, type Reply, type SimulatorRequest } from '../http'
import type { World } from '../world'

export function controlRoutes(world: World, request: SimulatorRequest): Reply {
  if (request.path === '/_control/settings' && request.method === 'PATCH') {
    Object.assign(world.settings, objectBody(request))
    return json(200, world.settings)
  }
  return json(404, { message: 'no such control' })
}
