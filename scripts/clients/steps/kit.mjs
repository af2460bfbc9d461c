// Runs in a temporary folder beside one client: Node alone, nothing of the product.
import http from 'node:http'
import https from 'node:https'

export const simulator = process.env.SIMULATOR_URL
export const app = {
  clientId: process.env.CLIENT_ID,
  clientSecret: process.env.CLIENT_SECRET,
  redirectUri: process.env.REDIRECT_URI,
}
export const scopes = process.env.SCOPES.split(' ')
export const projectFolder = process.env.PROJECT_FOLDER

const hubspotHosts = /^(api|app)(-\w+)?\.(hubapi|hubspot)\.com$/

/** The same address, at the simulator. */
export function rewritten(address) {
  const url = new URL(address)
  return hubspotHosts.test(url.hostname)
    ? new URL(url.pathname + url.search, simulator)
    : new URL(address)
}

/** The only change to a client: HubSpot's hosts lead to the simulator. */
export function rewriteAddresses() {
  const originalFetch = globalThis.fetch
  globalThis.fetch = (input, init) =>
    input instanceof Request
      ? originalFetch(new Request(rewritten(input.url), input), init)
      : originalFetch(rewritten(input), init)
  const { hostname, port } = new URL(simulator)
  const originalRequest = https.request
  https.request = (first, ...rest) => {
    const options = typeof first === 'object' && !(first instanceof URL) ? first : new URL(first)
    const host = options.hostname ?? options.host ?? ''
    if (!hubspotHosts.test(host)) return originalRequest(first, ...rest)
    const { agent: _agent, agents: _agents, ...kept } = options instanceof URL ? {} : options
    const [more, callback] =
      typeof rest[0] === 'function' ? [{}, rest[0]] : [rest[0] ?? {}, rest[1]]
    const path = options instanceof URL ? options.pathname + options.search : options.path
    return http.request(
      { ...kept, ...more, protocol: 'http:', host: hostname, hostname, port, path },
      callback,
    )
  }
}

export async function control(method, path, body) {
  const response = await fetch(`${simulator}/_control${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** Opens an authorize URL as a browser would, and says yes. */
export async function consent(authorizeUrl) {
  const response = await fetch(rewritten(authorizeUrl), { redirect: 'manual' })
  const location = response.headers.get('location')
  if (location === null) throw new Error(`no redirect: ${response.status}`)
  return new URL(location)
}

export async function accessToken() {
  return (await control('POST', '/tokens', {})).accessToken
}

export function expect(condition, message) {
  if (!condition) throw new Error(message)
}

/** A refusal that is expected: resolves with the error. */
export async function refused(promise) {
  return promise.then(
    () => {
      throw new Error('it was not refused')
    },
    error => error,
  )
}

/**
 * One row of the table.
 * @param known `client`: the client goes wrong at HubSpot too; `missing`: the simulator lacks it.
 *   Either way `why` is what the table says, and the step has to fail.
 */
export async function step(name, work, known) {
  let outcome = 'passed'
  let detail = ''
  try {
    await work()
  } catch (error) {
    outcome = 'failed'
    detail = String(error?.message ?? error)
      .split('\n')[0]
      .slice(0, 200)
  }
  process.stdout.write(`\n${JSON.stringify({ name, outcome, detail, known: known ?? null })}\n`)
}
