import { ObjectId } from 'mongodb'
import { z } from 'zod'
import { anId } from './routes'

interface JsonSchema {
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
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
  portalId: () => '48210001',
  q: () => 'a',
  limit: () => 5,
  query: () => ({ q: 'a' }),
  leadId: () => new ObjectId().toHexString(),
  id: () => new ObjectId().toHexString(),
  createdAfter: () => '2026-01-01',
  url: () => 'https://hooks.ours.test/services/T/B/x',
  expiresAt: () => '2099-01-01T00:00:00.000Z',
}
/** Left out unless they are what is tried: with them the rest would not be reached. */
const leftOut = new Set(['revision', 'cursor', 'confirmPortalChange', 'assertion'])

/** A discriminated union is written as `oneOf`, any other as `anyOf`. */
const choicesOf = ({ anyOf, oneOf }: JsonSchema) => oneOf ?? anyOf

/** @returns a value that the schema takes */
export function sample(schema: JsonSchema, name = ''): unknown {
  if (good[name]) return good[name]()
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const choices = choicesOf(schema)
  if (choices) return sample(choices.find(one => one.type !== 'null') ?? {}, name)
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
export function places(schema: JsonSchema, at: Path = []): { fields: Path[]; objects: Path[] } {
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
  for (const one of choicesOf(schema) ?? [])
    if (one.type === 'object' || one.type === 'array')
      add({ ...places(one, at), fields: places(one, at).fields.slice(1) })
  return { fields, objects }
}

/** @returns a copy of the root with another value at the path */
export function set(root: unknown, [key, ...rest]: Path, value: unknown): unknown {
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

export const jsonSchemaOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
