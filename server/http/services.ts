import type { H3Event } from 'h3'
import { DomainError } from '../errors'
import type { Services } from '../services'

let services: Services | undefined

/** Called once, by the start plugin. */
export function provideServices(built: Services): void {
  services = built
}

/**
 * The parts of the application. `event` is asked for so that a handler cannot be called outside a
 * request.
 */
export function useServices(_event: H3Event): Services {
  if (!services) throw new DomainError('internal_error', 'The server is still starting.')
  return services
}

/**
 * The same for plugins, which run outside of requests. `undefined` when the start plugin refused
 * the configuration.
 */
export function providedServices(): Services | undefined {
  return services
}
