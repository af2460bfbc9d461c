import { z } from 'zod'
import { strictBodies as bodies } from '../../../simulator/api/bodies'

/**
 * HubSpot's published requests for what the app calls (docs/hubspot-platform.md#objects), strict: a
 * field or a parameter that HubSpot does not name fails. The bodies are those that the simulator
 * insists on (`simulator/api/bodies.ts`), and nothing here comes from the server.
 */
const Search = bodies.search.refine(
  search => JSON.stringify(search).length <= 3000,
  'longer than 3,000 characters',
)
/** What the simulator would take and the app has no reason to send */
const withInputs = <S extends z.ZodType<{ inputs: unknown[] }>>(body: S) =>
  body.refine(({ inputs }) => inputs.length > 0, 'no inputs')

const Limit = z
  .string()
  .regex(/^\d+$/)
  .refine(text => Number(text) >= 1 && Number(text) <= 100, 'not between 1 and 100')
const Listed = z.string().regex(/^[\w,-]*$/)
const noQuery = z.strictObject({})
const noBody = z.undefined()

interface Shape {
  method: string
  path: RegExp
  query: z.ZodType
  body: z.ZodType
}

const type = '(contacts|deals|0-1|0-3)'
const version = '20\\d\\d-(03|09)'
const at = (path: string) => new RegExp(`^${path}$`)

export const published: readonly Shape[] = [
  {
    method: 'GET',
    path: at(`/crm/objects/${version}/${type}`),
    query: z.strictObject({
      limit: Limit.optional(),
      after: z.string().optional(),
      properties: Listed.optional(),
      propertiesWithHistory: Listed.optional(),
      associations: Listed.optional(),
      archived: z.enum(['true', 'false']).optional(),
    }),
    body: noBody,
  },
  {
    method: 'POST',
    path: at(`/crm/objects/${version}/${type}`),
    query: noQuery,
    body: bodies.create,
  },
  {
    method: 'GET',
    path: at(`/crm/objects/${version}/${type}/[^/]+`),
    query: z.strictObject({
      properties: Listed.optional(),
      propertiesWithHistory: Listed.optional(),
      associations: Listed.optional(),
      archived: z.enum(['true', 'false']).optional(),
      idProperty: z.string().optional(),
    }),
    body: noBody,
  },
  {
    method: 'PATCH',
    path: at(`/crm/objects/${version}/${type}/[^/]+`),
    query: z.strictObject({ idProperty: z.string().optional() }),
    body: bodies.update,
  },
  {
    method: 'DELETE',
    path: at(`/crm/objects/${version}/${type}/[^/]+`),
    query: noQuery,
    body: noBody,
  },
  {
    method: 'POST',
    path: at(`/crm/objects/${version}/${type}/search`),
    query: noQuery,
    body: Search,
  },
  {
    method: 'POST',
    path: at(`/crm/objects/${version}/${type}/batch/read`),
    query: z.strictObject({ archived: z.enum(['true', 'false']).optional() }),
    body: withInputs(bodies.batch.read),
  },
  {
    method: 'POST',
    path: at(`/crm/objects/${version}/${type}/batch/create`),
    query: noQuery,
    body: withInputs(bodies.batch.create),
  },
  {
    method: 'POST',
    path: at(`/crm/objects/${version}/${type}/batch/update`),
    query: noQuery,
    body: withInputs(bodies.batch.update),
  },
  {
    method: 'POST',
    path: at(`/crm/associations/${version}/${type}/${type}/batch/read`),
    query: noQuery,
    body: withInputs(bodies.associations.read),
  },
  {
    method: 'PUT',
    path: at(`/crm/objects/${version}/${type}/\\d+/associations/default/${type}/\\d+`),
    query: noQuery,
    body: noBody,
  },
  {
    method: 'DELETE',
    path: at(`/crm/objects/${version}/${type}/\\d+/associations/${type}/\\d+`),
    query: noQuery,
    body: noBody,
  },
  {
    method: 'GET',
    path: at(`/crm/properties/${version}/${type}`),
    query: z.strictObject({
      archived: z.enum(['true', 'false']).optional(),
      dataSensitivity: z.string().optional(),
      locale: z.string().optional(),
      properties: Listed.optional(),
    }),
    body: noBody,
  },
  { method: 'GET', path: at(`/crm/pipelines/${version}/deals`), query: noQuery, body: noBody },
  {
    method: 'GET',
    path: at(`/crm/owners/${version}`),
    query: z.strictObject({
      email: z.string().optional(),
      limit: Limit.optional(),
      after: z.string().optional(),
      archived: z.enum(['true', 'false']).optional(),
    }),
    body: noBody,
  },
  { method: 'GET', path: at(`/account-info/${version}/details`), query: noQuery, body: noBody },
  {
    method: 'POST',
    path: at(`/oauth/${version}/token`),
    query: noQuery,
    body: z.union([
      z.strictObject({
        grant_type: z.literal('authorization_code'),
        client_id: z.string(),
        client_secret: z.string(),
        redirect_uri: z.string(),
        code: z.string(),
      }),
      z.strictObject({
        grant_type: z.literal('refresh_token'),
        client_id: z.string(),
        client_secret: z.string(),
        refresh_token: z.string(),
      }),
    ]),
  },
  {
    method: 'POST',
    path: at(`/oauth/${version}/token/(introspect|revoke)`),
    query: noQuery,
    body: z.strictObject({
      client_id: z.string(),
      client_secret: z.string(),
      token: z.string(),
      token_type_hint: z.enum(['access_token', 'refresh_token']).optional(),
    }),
  },
  {
    method: 'DELETE',
    path: at(`/appinstalls/${version}/external-install`),
    query: noQuery,
    body: noBody,
  },
]

export interface Sent {
  method: string
  url: string
  contentType: string | null
  body: string | undefined
}

/** @returns what HubSpot's published shapes find wrong with a request, `null` for nothing */
export function wrongWith({ method, url, contentType, body }: Sent): string | null {
  const { pathname, searchParams } = new URL(url)
  // A literal path before one with an id in its place.
  const shape = published
    .filter(one => one.method === method && one.path.test(pathname))
    .sort((one, other) => other.path.source.length - one.path.source.length)[0]
  if (!shape) return `${method} ${pathname} is not published`
  const names = [...searchParams.keys()]
  if (new Set(names).size < names.length) return `${method} ${pathname} names a parameter twice`
  const isForm = contentType?.startsWith('application/x-www-form-urlencoded') ?? false
  if (body !== undefined && isForm !== pathname.startsWith('/oauth/'))
    return `${method} ${pathname} has the wrong content type`
  const content: unknown =
    body === undefined
      ? undefined
      : isForm
        ? Object.fromEntries(new URLSearchParams(body))
        : JSON.parse(body)
  for (const [what, schema, value] of [
    ['query', shape.query, Object.fromEntries(searchParams)],
    ['body', shape.body, content],
  ] as const) {
    const parsed = schema.safeParse(value)
    if (!parsed.success) return `${method} ${pathname}, ${what}: ${parsed.error.message}`
  }
  return null
}
