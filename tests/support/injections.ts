import { ObjectId } from 'mongodb'
import { z } from 'zod'
import { contractOf, type Route } from './id-slots'
import { anId, pathOf, reads } from './routes'

/**
 * What must never mean anything: operators, keys that reach into prototypes, texts that stores and
 * parsers trip over, numbers beyond numbers.
 */
const parsed = (text: string): unknown => JSON.parse(text)
export const payloads: unknown[] = [
  { $ne: null },
  { $gt: '' },
  { $regex: '.*' },
  { $where: 'sleep(1000)' },
  { $in: [] },
  { $expr: true },
  { $ne: { $ne: 1 } },
  { 'a.b': 1 },
  { toString: 1 },
  { length: -1 },
  ['a'],
  [{ $ne: null }],
  [[]],
  {},
  parsed('{"__proto__":{"polluted":true}}'),
  parsed('{"constructor":{"prototype":{"polluted":true}}}'),
  { prototype: { polluted: true } },
  '$where',
  '$set',
  'a.b',
  '.',
  '$',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '{"$ne":null}',
  "' || 1==1 //",
  '\u0000',
  'a\u0000b',
  '\uD800',
  'x\uDFFFy',
  '\u202Eabc',
  '\r\nSet-Cookie: a=b',
  '9'.repeat(25),
  'f'.repeat(24),
  '0'.repeat(24),
  'f'.repeat(10_000),
  '[object Object]',
  'ObjectId("0")',
  '../../x',
  '%00',
  '{{7*7}}',
  '',
  2 ** 53 + 1,
  1e308,
  -1,
  0.5,
  true,
  false,
  null,
]

/** Fields that are the server's own. Each is offered to every body. */
export const serverFields = [
  'partnerId',
  'partner_id',
  'tenantId',
  'tid',
  'userId',
  'user_id',
  'role',
  'disabled',
  'status',
  'portalId',
  'portal_id',
  '_id',
  'id',
  'createdAt',
  'created_at',
  'updatedAt',
  'hubspotId',
  'hubspot_id',
  'sync',
  'dirty',
  'base',
  'version',
  'schema_version',
  'access_token',
  'refresh_token',
  'hubspot_integration',
  'search',
  'password_hash',
  'archived_at',
  'local_email',
  'lease',
  'token_version',
]
const nastyKeys = [
  '$set',
  '$where',
  '$ne',
  'a.b',
  'a.$b',
  '.',
  '',
  '\u0000',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\uD800',
]

interface JsonSchema {
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  pattern?: string
  minimum?: number
}
type Path = (string | number)[]

let serial = 0
/**
 * Good values for fields whose form a schema does not tell. A new field that needs one makes the
 * test fail and say so.
 */
const good: Record<string, () => unknown> = {
  email: () => `injected-${++serial}@ours.test`,
  password: () => 'a wrong password',
  name: () => 'A deal',
  amount: () => '12.50',
  currency: () => 'EUR',
  closeDate: () => '2026-11-24',
  leadIds: () => [],
  returnUrl: () => 'https://app.hubspot.com/x',
  q: () => 'a',
  limit: () => 5,
  leadId: () => new ObjectId().toHexString(),
  id: () => new ObjectId().toHexString(),
}
/** Left out unless they are what is tried: with them the rest would not be reached. */
const leftOut = new Set(['revision', 'cursor', 'confirmPortalChange'])

function sample(schema: JsonSchema, name = ''): unknown {
  if (good[name]) return good[name]()
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf) return sample(schema.anyOf.find(one => one.type !== 'null') ?? {}, name)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => !leftOut.has(key))
          .map(([key, one]) => [key, sample(one, key)]),
      )
    case 'array':
      return [sample(schema.items ?? {})]
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case undefined:
    default:
      return schema.pattern !== undefined && new RegExp(schema.pattern).test(anId) ? anId : 'text'
  }
}

/** Every field below a schema, and every object that could take one more. */
function places(schema: JsonSchema, at: Path = []): { fields: Path[]; objects: Path[] } {
  const fields: Path[] = at.length === 0 ? [] : [at]
  const objects: Path[] = []
  const add = (one: { fields: Path[]; objects: Path[] }) => {
    fields.push(...one.fields)
    objects.push(...one.objects)
  }
  if (schema.type === 'object') {
    objects.push(at)
    for (const [key, one] of Object.entries(schema.properties ?? {})) add(places(one, [...at, key]))
  }
  if (schema.type === 'array' && schema.items) add(places(schema.items, [...at, 0]))
  for (const one of schema.anyOf ?? [])
    if (one.type === 'object' || one.type === 'array')
      add({ ...places(one, at), fields: places(one, at).fields.slice(1) })
  return { fields, objects }
}

function set(root: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value
  const copy = (Array.isArray(root) ? [...(root as unknown[])] : { ...(root as object) }) as Record<
    string | number,
    unknown
  >
  const next = rest.length === 0 ? value : set(copy[key], rest, value)
  // As JSON writes it: `__proto__` is a key like any other.
  Object.defineProperty(copy, key, {
    value: next,
    enumerable: true,
    configurable: true,
    writable: true,
  })
  return copy
}

/** Requests at a time */
const atOnce = 8

const jsonSchemaOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema

export interface InjectionOptions {
  url: string
  routes: Route[]
  /** The Cookie header of somebody who may call the routes */
  cookie: string
  /** An id that the bodies try to write into fields of the server's */
  foreignId: string
  /** Paths with ids of the caller's own */
  idFor: (route: Route) => Record<string, string>
}

/**
 * Offers every payload to every field of every body, query and path that a route's schemas name,
 * and every field of the server's own to every body. What comes in has to be refused with a 4xx or
 * to stand in the answer letter by letter; it never makes a 5xx.
 */
export async function injectEverywhere({
  url,
  routes,
  cookie,
  foreignId,
  idFor,
}: InjectionOptions): Promise<{ tried: number; fields: number; findings: string[] }> {
  const findings: string[] = []
  let tried = 0
  let fields = 0
  const waiting: (() => Promise<void>)[] = []
  const later = (task: () => Promise<void>) => void waiting.push(task)

  async function send(method: string, path: string, json?: unknown) {
    tried++
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: { cookie, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      body: json === undefined ? undefined : JSON.stringify(json),
    })
    const text = await answer.text()
    const away = answer.status === 503 && /"code":"hubspot_(unavailable|rate_limited)"/.test(text)
    return { status: away ? 409 : answer.status, text }
  }
  const report = (route: Route, what: string, wrong: string) =>
    findings.push(`${route.method} ${route.path}, ${what}: ${wrong}`)
  const short = (value: unknown) => JSON.stringify(value)?.slice(0, 40)

  for (const route of routes) {
    const { params, query, body } = contractOf(route.handler)
    const path = pathOf(route, idFor(route))
    if (body) {
      const schema = jsonSchemaOf(body)
      const found = places(schema)
      const checked = body.safeParse(sample(schema))
      if (!checked.success)
        report(
          route,
          'the sample',
          `is not valid itself: ${checked.error.issues.map(issue => issue.path.join('.')).join(', ')}`,
        )
      fields += found.fields.length
      for (const at of found.fields) {
        for (const payload of payloads)
          later(async () => {
            const what = `${short(payload)} in ${at.join('.')}`
            const { status, text } = await send(
              route.method,
              path,
              set(sample(schema), at, payload),
            )
            if (status >= 500) report(route, what, `answers ${status}`)
            if (status >= 300) return
            // The schema itself takes it (a boolean for a boolean): no injection.
            if (typeof payload !== 'string') {
              if (
                typeof payload === 'object' &&
                payload !== null &&
                !body.safeParse(set(sample(schema), at, payload)).success
              )
                report(route, what, 'is taken')
              return
            }
            const said = (JSON.parse(text) as Record<string, unknown>)[at[0] as string]
            const literal = [
              payload,
              payload.trim(),
              payload.trim().toLowerCase(),
              payload.toWellFormed(),
              payload === '' ? null : undefined,
            ]
            if (at.length === 1 && typeof said === 'string' && !literal.includes(said))
              report(route, what, `became ${short(said)}`)
          })
      }
      for (const at of found.objects) {
        for (const key of [...serverFields, ...nastyKeys].filter(
          name =>
            !found.fields.some(field => field.length === at.length + 1 && field.at(-1) === name),
        )) {
          later(async () => {
            const { status } = await send(
              route.method,
              path,
              set(sample(schema), [...at, key], foreignId),
            )
            if (status < 400 || status >= 500)
              report(
                route,
                `the key ${short(key)} in ${at.join('.') || 'the body'}`,
                `answers ${status}`,
              )
          })
        }
      }
    }
    if (query) {
      const names = Object.keys(jsonSchemaOf(query).properties ?? {})
      fields += names.length
      for (const name of names) {
        const texts = payloads.map(payload =>
          encodeURIComponent(
            String(typeof payload === 'object' ? JSON.stringify(payload) : payload).toWellFormed(),
          ).slice(0, 6000),
        )
        const pairs = [
          ...texts.map(text => `${name}=${text}`),
          `${name}[$ne]=`,
          `${name}[]=a`,
          `${name}.$gt=`,
          `${name}=a&${name}=b`,
          `__proto__[${name}]=a`,
          `constructor[prototype][${name}]=a`,
          `${name}=%ED%A0%80`,
          `${name}=%00`,
          `${name}=%ff`,
        ]
        for (const pair of pairs)
          later(async () => {
            const { status } = await send(route.method, `${path}?${pair}`)
            if (status >= 500) report(route, `?${pair.slice(0, 60)}`, `answers ${status}`)
            if (status < 300 && /^[^=]*(?:[[.]|__proto__)/.test(pair))
              report(route, `?${pair.slice(0, 60)}`, 'is taken')
          })
      }
      for (const key of serverFields.filter(one => !names.includes(one)))
        later(async () => {
          const { status } = await send(route.method, `${path}?${key}=${foreignId}`)
          if (status < 400 || status >= 500) report(route, `?${key}`, `answers ${status}`)
        })
    }
    if (params) {
      for (const name of Object.keys(jsonSchemaOf(params).properties ?? {})) {
        fields++
        for (const payload of payloads)
          later(async () => {
            const text = String(typeof payload === 'object' ? JSON.stringify(payload) : payload)
              .toWellFormed()
              .slice(0, 3000)
            if (text === '' || text === '.') return
            const { status } = await send(
              route.method,
              pathOf(route, { [`:${name}`]: encodeURIComponent(text) }),
              reads(route) ? undefined : {},
            )
            if (status < 400 || status >= 500)
              report(route, `${short(text)} in the path`, `answers ${status}`)
          })
      }
    }
  }
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let task = waiting.shift(); task; task = waiting.shift()) await task()
    }),
  )
  return { tried, fields, findings }
}
