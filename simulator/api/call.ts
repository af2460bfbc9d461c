import { randomUUID } from 'node:crypto'
import { objectTypes, type ObjectType } from '../data/object-types'
import { json, RefusedRequest, type Reply, type SimulatorRequest } from '../http'
import type { ChangeSource } from '../store/events'
import type { Portal } from '../store/portal'
import type { World } from '../world'

/** What a handler of the API gets: who calls, where, and what for. */
export interface ApiCall {
  world: World
  portal: Portal
  request: SimulatorRequest
  version: string
  /** Writes of the app are the app's in webhooks */
  source: ChangeSource
  /** Throws 403 MISSING_SCOPES unless the token has one of these. */
  requireScope(...anyOf: string[]): void
}

export type ApiHandler = (call: ApiCall) => Reply

const scopeOf = (type: ObjectType, area: 'objects' | 'schemas', verb: 'read' | 'write') => {
  const { scope, isCustom } = objectTypes[type]
  return scope ?? `crm.${area}.${isCustom ? 'custom' : type}.${verb}`
}

export const readScope = (type: ObjectType) => scopeOf(type, 'objects', 'read')
export const writeScope = (type: ObjectType) => scopeOf(type, 'objects', 'write')
/** Either of them opens the description of an object */
export const schemaReadScopes = (type: ObjectType) => [
  scopeOf(type, 'schemas', 'read'),
  readScope(type),
]
export const schemaWriteScope = (type: ObjectType) => scopeOf(type, 'schemas', 'write')

export function methodNotAllowed(): RefusedRequest {
  return new RefusedRequest(
    json(405, {
      status: 'error',
      message: 'HTTP 405 Method Not Allowed',
      correlationId: randomUUID(),
    }),
  )
}
