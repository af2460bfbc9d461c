import type { Simulator } from '../../../simulator/index'
import { mainPortalId } from '../../../simulator/control-client'
import { present } from '../../support/present'

export const scopes = [
  'oauth',
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.deals.read',
  'crm.objects.deals.write',
  'crm.schemas.contacts.read',
  'crm.schemas.deals.read',
]

export interface Tokens {
  access_token: string
  refresh_token?: string
  hub_id: number
  scopes: string[]
  expires_in: number
}

/** Authorize URL with the simulator's own values, changed as told; null takes a parameter out. */
export function authorizeUrl(
  { env }: Simulator,
  changes: Record<string, string | null> = {},
): string {
  const query: Record<string, string | null> = {
    client_id: env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
    redirect_uri: env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
    scope: scopes.join(' '),
    optional_scope: 'crm.objects.owners.read',
    state: 'a state',
    ...changes,
  }
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`)
  return `${env.NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL}?${pairs.join('&')}`
}

/** Presses a button of the consent page. @returns where it leads */
export async function decide(
  simulator: Simulator,
  decision: 'grant' | 'deny',
  portalId = mainPortalId,
  changes: Record<string, string | null> = {},
): Promise<URL> {
  const url = new URL(authorizeUrl(simulator, changes))
  const form = new URLSearchParams([
    ...url.searchParams,
    ['portalId', String(portalId)],
    ['decision', decision],
  ])
  const response = await fetch(url.origin + url.pathname, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  })
  return new URL(response.headers.get('location') ?? 'about:blank')
}

export function postToken(
  { url, env }: Simulator,
  fields: Record<string, string>,
  path = '/oauth/2026-09/token',
): Promise<Response> {
  const client = {
    client_id: env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
    client_secret: env.NUXT_HUBSPOT_CLIENT_SECRET,
  }
  return fetch(url + path, { method: 'POST', body: new URLSearchParams({ ...client, ...fields }) })
}

/** Grants access in a portal and exchanges the code. */
export async function connect(simulator: Simulator, portalId = mainPortalId): Promise<Tokens> {
  const callback = await decide(simulator, 'grant', portalId)
  const response = await postToken(simulator, {
    grant_type: 'authorization_code',
    code: present(callback.searchParams.get('code')),
    redirect_uri: simulator.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
  })
  if (response.status !== 200)
    throw new Error(`exchange: ${response.status} ${await response.text()}`)
  return (await response.json()) as Tokens
}

/** A record, an association or an error of a batch: what the tests look at in them. */
export interface ApiItem {
  id: string
  properties: Record<string, string | null>
  createdAt: string
  updatedAt: string
  archived: boolean
  associations?: Record<string, { results: { id: string; type: string }[] }>
  propertiesWithHistory?: Record<string, { value: string; timestamp: string; sourceType: string }[]>
  name: string
  options: { value: string }[]
  from: { id: string }
  to: { toObjectId: number; associationTypes: { typeId: number }[] }[]
  message: string
  category: string
  code: string
  context: Record<string, string[]>
  objectWriteTraceId: string
  new: boolean
}

/** What the API answers, pages, single records and errors alike. */
export interface ApiBody extends ApiItem {
  results: ApiItem[]
  paging?: { next: { after: string } }
  total: number
  status: string
  correlationId: string
  policyName: string
  errors: ApiItem[]
  numErrors: number
}

export interface Answer {
  status: number
  body: ApiBody
  headers: Headers
}

/** Calls of the API with a token. */
export function apiOf(simulator: Simulator, accessToken: string) {
  return async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(simulator.url + path, {
      method,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: JSON.parse(text === '' ? '{}' : text) as ApiBody,
      headers: response.headers,
    }
  }
}
