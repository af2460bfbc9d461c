import { z } from 'zod'

/**
 * HubSpot's published request shapes for what the app calls (hubspot.md §2), strict: a field or a parameter that HubSpot does not name fails. Kept apart
 * from the server and from the simulator, so that neither vouches for itself.
 */
const Id = z.string().regex(/^\d{1,20}$/)
const Names = z.array(z.string().min(1)).max(500)
const Values = z.record(z.string().regex(/^[a-z0-9_]+$/), z.string().nullable())
const Trace = z.string().min(1).max(200)
const Association = z.strictObject({ to: z.strictObject({ id: Id }), types: z.array(z.strictObject({ associationCategory: z.enum(['HUBSPOT_DEFINED', 'USER_DEFINED', 'INTEGRATOR_DEFINED']), associationTypeId: z.int() })).min(1) })
const inputs = <S extends z.ZodType>(input: S, most = 100) => z.array(input).min(1).max(most)

const Filter = z.strictObject({
  propertyName: z.string().min(1), operator: z.enum(['EQ', 'NEQ', 'LT', 'LTE', 'GT', 'GTE', 'BETWEEN', 'IN', 'NOT_IN', 'HAS_PROPERTY', 'NOT_HAS_PROPERTY', 'CONTAINS_TOKEN', 'NOT_CONTAINS_TOKEN']),
  value: z.string().optional(), highValue: z.string().optional(), values: z.array(z.string()).optional(),
})
const Search = z.strictObject({
  filterGroups: z.array(z.strictObject({ filters: z.array(Filter).min(1).max(6) })).max(5),
  sorts: z.array(z.strictObject({ propertyName: z.string(), direction: z.enum(['ASCENDING', 'DESCENDING']) })).max(1).optional(),
  properties: Names.optional(), limit: z.int().min(1).max(200).optional(), after: z.string().regex(/^\d+$/).optional(), query: z.string().max(3000).optional(),
}).refine(search => search.filterGroups.flatMap(group => group.filters).length <= 18, 'more than 18 filters').refine(search => JSON.stringify(search).length <= 3000, 'longer than 3,000 characters')

const Limit = z.string().regex(/^\d+$/).refine(text => Number(text) >= 1 && Number(text) <= 100, 'not between 1 and 100')
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
  { method: 'GET', path: at(`/crm/objects/${version}/${type}`), query: z.strictObject({ limit: Limit.optional(), after: z.string().optional(), properties: Listed.optional(), propertiesWithHistory: Listed.optional(), associations: Listed.optional(), archived: z.enum(['true', 'false']).optional() }), body: noBody },
  { method: 'POST', path: at(`/crm/objects/${version}/${type}`), query: noQuery, body: z.strictObject({ properties: Values, associations: z.array(Association).optional(), objectWriteTraceId: Trace.optional() }) },
  { method: 'GET', path: at(`/crm/objects/${version}/${type}/[^/]+`), query: z.strictObject({ properties: Listed.optional(), propertiesWithHistory: Listed.optional(), associations: Listed.optional(), archived: z.enum(['true', 'false']).optional(), idProperty: z.string().optional() }), body: noBody },
  { method: 'PATCH', path: at(`/crm/objects/${version}/${type}/[^/]+`), query: z.strictObject({ idProperty: z.string().optional() }), body: z.strictObject({ properties: Values, objectWriteTraceId: Trace.optional() }) },
  { method: 'DELETE', path: at(`/crm/objects/${version}/${type}/[^/]+`), query: noQuery, body: noBody },
  { method: 'POST', path: at(`/crm/objects/${version}/${type}/search`), query: noQuery, body: Search },
  { method: 'POST', path: at(`/crm/objects/${version}/${type}/batch/read`), query: z.strictObject({ archived: z.enum(['true', 'false']).optional() }), body: z.strictObject({ properties: Names, propertiesWithHistory: Names.optional(), idProperty: z.string().optional(), inputs: inputs(z.strictObject({ id: z.string().min(1) })) }).refine(read => !read.propertiesWithHistory?.length || read.inputs.length <= 50, 'more than 50 with histories') },
  { method: 'POST', path: at(`/crm/objects/${version}/${type}/batch/create`), query: noQuery, body: z.strictObject({ inputs: inputs(z.strictObject({ properties: Values, associations: z.array(Association).optional(), objectWriteTraceId: Trace.optional() })) }) },
  { method: 'POST', path: at(`/crm/objects/${version}/${type}/batch/update`), query: noQuery, body: z.strictObject({ inputs: inputs(z.strictObject({ id: z.string().min(1), idProperty: z.string().optional(), properties: Values, objectWriteTraceId: Trace.optional() })) }) },
  { method: 'POST', path: at(`/crm/associations/${version}/${type}/${type}/batch/read`), query: noQuery, body: z.strictObject({ inputs: inputs(z.strictObject({ id: Id, after: z.string().optional() }), 1000) }) },
  { method: 'PUT', path: at(`/crm/objects/${version}/${type}/\\d+/associations/default/${type}/\\d+`), query: noQuery, body: noBody },
  { method: 'DELETE', path: at(`/crm/objects/${version}/${type}/\\d+/associations/${type}/\\d+`), query: noQuery, body: noBody },
  { method: 'GET', path: at(`/crm/properties/${version}/${type}`), query: z.strictObject({ archived: z.enum(['true', 'false']).optional(), dataSensitivity: z.string().optional(), locale: z.string().optional(), properties: Listed.optional() }), body: noBody },
  { method: 'GET', path: at(`/crm/pipelines/${version}/deals`), query: noQuery, body: noBody },
  { method: 'GET', path: at(`/crm/owners/${version}`), query: z.strictObject({ email: z.string().optional(), limit: Limit.optional(), after: z.string().optional(), archived: z.enum(['true', 'false']).optional() }), body: noBody },
  { method: 'GET', path: at(`/account-info/${version}/details`), query: noQuery, body: noBody },
  { method: 'POST', path: at(`/oauth/${version}/token`), query: noQuery, body: z.union([
    z.strictObject({ grant_type: z.literal('authorization_code'), client_id: z.string(), client_secret: z.string(), redirect_uri: z.string(), code: z.string() }),
    z.strictObject({ grant_type: z.literal('refresh_token'), client_id: z.string(), client_secret: z.string(), refresh_token: z.string() }),
  ]) },
  { method: 'POST', path: at(`/oauth/${version}/token/(introspect|revoke)`), query: noQuery, body: z.strictObject({ client_id: z.string(), client_secret: z.string(), token: z.string(), token_type_hint: z.enum(['access_token', 'refresh_token']).optional() }) },
  { method: 'DELETE', path: at(`/appinstalls/${version}/external-install`), query: noQuery, body: noBody },
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
  const shape = published.filter(one => one.method === method && one.path.test(pathname)).sort((one, other) => other.path.source.length - one.path.source.length)[0]
  if (!shape) return `${method} ${pathname} is not published`
  const names = [...searchParams.keys()]
  if (new Set(names).size < names.length) return `${method} ${pathname} names a parameter twice`
  const isForm = contentType?.startsWith('application/x-www-form-urlencoded') ?? false
  if (body !== undefined && isForm !== pathname.startsWith('/oauth/')) return `${method} ${pathname} has the wrong content type`
  const content: unknown = body === undefined ? undefined : isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body)
  for (const [what, schema, value] of [['query', shape.query, Object.fromEntries(searchParams)], ['body', shape.body, content]] as const) {
    const parsed = schema.safeParse(value)
    if (!parsed.success) return `${method} ${pathname}, ${what}: ${parsed.error.message}`
  }
  return null
}
