import { z } from 'zod'
import * as contracts from '#shared/contracts/index'
import { errorStatus } from '#shared/contracts/errors'
import { operations } from './operations'
import type { ApiRoute } from './routes'

type Json = Record<string, unknown>

/**
 * Named schemas of the contract. What is sent is described as input, what is answered as output.
 */
const named = new Map<z.ZodType, string>(
  Object.entries(contracts).flatMap(([name, value]) =>
    value instanceof z.ZodType ? [[value, name] as const] : [],
  ),
)
const isInput = (name: string) => /(Body|Create|Patch|Put|Query|Params)$/.test(name)
const reference = (name: string) => `#/components/schemas/${name}`

function withoutMarks(schema: Json): Json {
  const { $schema: _schema, $id: _id, id: _ownId, ...rest } = schema
  return rest
}

function registryOf(extra: [z.ZodType, string][] = []): z.core.$ZodRegistry<{ id: string }> {
  const registry = z.registry<{ id: string }>()
  for (const [schema, id] of [...named, ...extra]) registry.add(schema, { id })
  return registry
}

/** All components; a schema made inside a handler gets a name for the while. */
function schemasOf(
  io: 'input' | 'output',
  extra: [z.ZodType, string][] = [],
): Record<string, Json> {
  const { schemas } = z.toJSONSchema(registryOf(extra), {
    io,
    uri: reference,
    unrepresentable: 'any',
  })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, withoutMarks(schema as Json)]),
  )
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const name = named.get(schema)
  if (name) return { $ref: reference(name) }
  const made = schemasOf(io, [[schema, '_']])._
  if (!made) throw new Error('A schema could not be described')
  return made
}

/** The properties of a query or params object as parameters. */
function parametersOf(schema: z.ZodType | undefined, place: 'query' | 'path'): Json[] {
  if (!schema) return []
  const shape = schemasOf('input', [[schema, '_']])
  const { properties = {}, required = [] } = (shape._ ?? shape[named.get(schema) ?? '']) as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Chosen by the caller for one record, kept for 24 hours. The same key with the same body answers 200 with the record as it is; with another body 409 `idempotency_key_reused`.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
}

const csvFile: Json = { type: 'string', description: 'At most 10 MB, UTF-8' }

const errorAnswer = (description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: reference('ApiError') } } },
})

function errorAnswers({ method, path, contract: { role, stepUp, query, body } }: ApiRoute): Json {
  const answers: Json = {}
  if (role === 'member' || role === 'admin') answers[401] = errorAnswer('`not_signed_in`')
  if (role === 'signature') answers[401] = errorAnswer('`invalid_signature`')
  const forbidden = [
    ...(role === 'admin' ? ['`forbidden`: not an admin'] : []),
    ...(method !== 'GET' && role !== 'signature'
      ? ['`csrf_rejected`: the request came from another origin']
      : []),
    ...(stepUp ? ['`step_up_required`: proved too long ago who they are'] : []),
  ]
  if (forbidden.length > 0) answers[403] = errorAnswer(forbidden.join('; '))
  if (path.includes('{'))
    answers[404] = errorAnswer("`not_found`: also for another partner's record")
  if (query || body)
    answers[422] = errorAnswer('`validation_failed`: the paths that failed are in `data.issues`')
  return { ...answers, default: errorAnswer('Another refusal; see `data.code`') }
}

function operationOf(route: ApiRoute): Json {
  const { method, path, contract } = route
  const notes = operations[`${method} ${path}`]
  if (!notes) throw new Error(`${method} ${path} has no entry in scripts/openapi/operations.ts`)
  const { status, description, contentType } = notes.answer ?? {
    status: contract.status,
    description: 'Done',
    contentType: 'application/json',
  }
  const content = contract.response
    ? { 'application/json': { schema: schemaOf(contract.response, 'output') } }
    : contentType
      ? { [contentType]: {} }
      : undefined
  const parameters = [
    ...parametersOf(contract.params, 'path'),
    ...parametersOf(contract.query, 'query'),
    ...(contract.takesKey ? [idempotencyKey] : []),
  ]
  const sentences = [
    notes.description,
    notes.alsoWithoutApi ? `The same at \`${path.replace('/api', '')}\`.` : undefined,
    contract.role === 'admin' ? 'Admins only.' : undefined,
    contract.scope ? `A service key with \`${contract.scope}\` may call it as well.` : undefined,
  ].filter(Boolean)
  return {
    tags: [notes.tag],
    summary: notes.summary,
    ...(sentences.length > 0 ? { description: sentences.join(' ') } : {}),
    operationId: `${method.toLowerCase()}${path.replace('/api/v1', '').replace(/[/{}-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    security:
      contract.role === 'member' || contract.role === 'admin'
        ? [{ session: [] }, ...(contract.scope ? [{ serviceKey: [] }] : [])]
        : contract.role === 'signature'
          ? [{ hubspotSignature: [] }]
          : [],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(contract.body
      ? {
          requestBody: {
            required: !contract.bodyOptional,
            content: { 'application/json': { schema: schemaOf(contract.body, 'input') } },
          },
        }
      : contract.csv
        ? { requestBody: { required: true, content: { 'text/csv': { schema: csvFile } } } }
        : {}),
    responses: {
      [status]: { description, ...(content ? { content } : {}) },
      ...errorAnswers(route),
    },
  }
}

/** The components that something refers to, directly or through others. */
function referred(
  components: Record<string, Json>,
  from: unknown,
  found = new Set<string>(),
): Set<string> {
  for (const [, name = ''] of JSON.stringify(from).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    if (found.has(name)) continue
    found.add(name)
    referred(components, components[name] ?? {}, found)
  }
  return found
}

/**
 * @returns the OpenAPI 3.1 description of the HTTP API, written from the schemas that the handlers
 *   are made with
 */
export function describeApi(routes: readonly ApiRoute[], version: string): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) }
  const [inputs, outputs] = [schemasOf('input'), schemasOf('output')]
  const all = Object.fromEntries(
    [...named.values()].map(name => [name, (isInput(name) ? inputs : outputs)[name] ?? {}]),
  )
  const components = Object.fromEntries(
    [...referred(all, paths)].sort().map(name => [name, all[name]]),
  )
  const codes = Object.entries(errorStatus)
    .map(([code, status]) => `\`${code}\` (${status})`)
    .join(', ')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Partner Connector',
      version,
      description: `JSON in camelCase, ids as strings, instants in ISO 8601 UTC, money as decimal strings, absent as \`null\`. State-changing routes take \`application/json\` from the app's own origin only. Errors are an \`ApiError\` whose \`data.code\` is stable: ${codes}.`,
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(operations).map(({ tag }) => tag))].map(name => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'access_token',
          description: 'Set by `POST /api/v1/auth/login`',
        },
        serviceKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'A service key (`pck_…`); made by `POST /api/v1/service-keys`',
        },
        hubspotSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-HubSpot-Signature-v3',
          description:
            "base64 of HMAC-SHA-256 over method, URL, body and `X-HubSpot-Request-Timestamp`, under the app's client secret",
        },
      },
    },
  }
}
