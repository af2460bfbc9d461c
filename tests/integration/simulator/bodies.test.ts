import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import { startSimulator } from '../../support/simulator'
import { endable, known, objects, routes, spare, type Route } from './body-routes'
import { apiOf, connect, postToken, type Answer } from './connect'

let simulator: Simulator
let api: ReturnType<typeof apiOf>
beforeAll(async () => {
  simulator = await startSimulator({ contacts: 250, deals: 20, settings: { rateLimits: false } })
  api = apiOf(simulator, (await connect(simulator)).access_token)
  const portal = simulator.control.portal()
  const contacts = await portal.list('contacts', 250)
  const addressed = contacts.find(({ properties }) => properties.email)
  Object.assign(known, {
    contact: addressed?.id,
    email: addressed?.properties.email,
    deal: (await portal.list('deals', 1))[0]?.id,
  })
  spare.push(...contacts.map(({ id }) => id).filter(id => id !== known.contact))
})
afterAll(() => simulator.stop())

const send = ({ method = 'POST', path }: Route, body: unknown) =>
  api(method, path.replace(':contact', known.contact).replace(':deal', known.deal), body)

type Path = (string | number)[]

/** All places in a body: its fields, theirs, and so on. */
function placesIn(value: unknown, path: Path = []): Path[] {
  const inside =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, one]) =>
          placesIn(one, [...path, Array.isArray(value) ? Number(name) : name]),
        )
      : []
  return path.length === 0 ? inside : [path, ...inside]
}

function at(body: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<string | number, unknown>)[part],
    body,
  )
}

/** The body with one place changed; `undefined` takes it out. */
function changed(body: object, path: Path, value: unknown): object {
  const copy = structuredClone(body)
  const holder = at(copy, path.slice(0, -1)) as Record<string | number, unknown>
  const last = path.at(-1) ?? ''
  if (value === undefined) Reflect.deleteProperty(holder, last)
  else holder[last] = value
  return copy
}

const named = (path: Path) => path.filter(part => typeof part === 'string').join('.')
const refused = ({ status, body }: Answer) => status === 400 && body.category === 'VALIDATION_ERROR'

describe.each(routes.map(route => [`${route.method ?? 'POST'} ${route.path}`, route] as const))(
  '%s',
  (_name, route) => {
    test('takes what HubSpot publishes, and can do without what is optional', async () => {
      expect((await send(route, route.body())).status).toBe(route.status)
      for (const name of route.optional ?? []) {
        const body = route.body()
        const without = placesIn(body)
          .filter(path => named(path) === name && typeof path.at(-1) === 'string')
          .reverse()
          .reduce((rest, path) => changed(rest, path, undefined), body)
        const { status } = await send(route, without)
        // Without its idProperty an address is no id: the body is taken, and the input answered
        // with an error of its own.
        expect([route.status, ...(/idProperty$/.test(name) ? [207] : [])], name).toContain(status)
      }
    })

    test('refuses each field of another type, and the lack of each that is needed', async () => {
      const wrong: string[] = []
      for (const path of placesIn(route.body())) {
        const value = at(route.body(), path)
        // A record in place of a text, a text in place of anything else.
        const answer = await send(
          route,
          changed(
            route.body(),
            path,
            typeof value === 'string' || value === null ? { id: '1' } : 'text',
          ),
        )
        if (!refused(answer)) wrong.push(`${path.join('.')} of another type: ${answer.status}`)
        const isNeeded =
          typeof path.at(-1) === 'string' &&
          !route.optional?.includes(named(path)) &&
          !['value', 'highValue', 'values'].includes(String(path.at(-1)))
        if (isNeeded && !refused(await send(route, changed(route.body(), path, undefined))))
          wrong.push(`without ${path.join('.')}`)
      }
      expect(wrong).toEqual([])
    })

    test('refuses unknown fields, wherever they stand, by their name', async () => {
      const body = route.body()
      const records = [[], ...placesIn(body)].filter(path => {
        const value = at(body, path)
        return (
          typeof value === 'object' &&
          value !== null &&
          !Array.isArray(value) &&
          path.at(-1) !== 'properties'
        )
      })
      for (const path of records) {
        const {
          status,
          body: { message },
        } = await send(route, changed(route.body(), [...path, 'nonsense'], true))
        expect([status, message], path.join('.')).toEqual([
          400,
          expect.stringMatching(
            /^Invalid input JSON on line 1, column \d+: unknown field "nonsense"$/,
          ),
        ])
      }
      expect(records.length).toBeGreaterThan(0)
    })

    test('refuses what is no JSON, another kind of value, and another content type', async () => {
      for (const body of [
        '{',
        'nonsense',
        '',
        '"text"',
        '7',
        'null',
        Array.isArray(route.body()) ? '{}' : '[]',
      ])
        expect(refused(await send(route, body)), body).toBe(true)
      const path = route.path.replace(':contact', known.contact).replace(':deal', known.deal)
      const { access_token: token } = await connect(simulator)
      for (const contentType of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/xml',
      ]) {
        const response = await fetch(simulator.url + path, {
          method: route.method ?? 'POST',
          body: JSON.stringify(route.body()),
          headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
        })
        expect(response.status, contentType).toBe(415)
      }
    })

    const { most } = route
    test.runIf(most !== undefined)(
      'takes as many inputs as HubSpot does, and not one more',
      async () => {
        const [input] = (route.body() as { inputs: { id?: string }[] }).inputs
        const many = (count: number) => ({
          inputs: Array.from({ length: count }, () => structuredClone(input)),
        })
        const { status, body } = await send(route, many((most ?? 0) + 1))
        expect([status, body.message]).toEqual([
          400,
          `The maximum number of inputs supported in a batch request is ${most}, but ${(most ?? 0) + 1} were given`,
        ])
        // All the same input: refused for that where it matters, not for how many there are.
        expect((await send(route, many(most ?? 0))).body.message ?? '').not.toMatch(
          /maximum number/,
        )
      },
    )
  },
)

test('calls without a body refuse one', async () => {
  const calls = [
    ['PUT', `${objects}/deals/${known.deal}/associations/default/contacts/${known.contact}`],
    ['DELETE', `${objects}/deals/${known.deal}/associations/contacts/${known.contact}`],
    ['DELETE', `${objects}/contacts/${endable()}`],
    ['DELETE', '/appinstalls/2026-09/external-install'],
  ] as const
  for (const [method, path] of calls) expect((await api(method, path, {})).status, path).toBe(400)
  for (const [method, path] of calls)
    expect((await api(method, path)).status, path).toBeLessThan(300)
})

describe('the forms of OAuth', () => {
  const forms: [path: string, form: Record<string, string>][] = [
    ['/oauth/2026-09/token', { grant_type: 'refresh_token' }],
    ['/oauth/2026-09/token/introspect', { token_type_hint: 'refresh_token' }],
    ['/oauth/2026-09/token/revoke', { token_type_hint: 'refresh_token' }],
  ]

  test.each(forms)('%s takes its parameters, each once, and no others', async (path, form) => {
    const { refresh_token: token = '' } = await connect(simulator)
    const given = { ...form, [path.endsWith('/token') ? 'refresh_token' : 'token']: token }
    const client = {
      client_id: simulator.env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
      client_secret: simulator.env.NUXT_HUBSPOT_CLIENT_SECRET,
    }
    const asJson = await fetch(simulator.url + path, {
      method: 'POST',
      body: JSON.stringify({ ...client, ...given }),
      headers: { 'content-type': 'application/json' },
    })
    expect(asJson.status).toBe(415)
    expect((await postToken(simulator, { ...given, nonsense: '1' }, path)).status).toBe(400)
    const twice = await fetch(simulator.url + path, {
      method: 'POST',
      body: new URLSearchParams([
        ...Object.entries({ ...client, ...given }),
        ...Object.entries(form),
      ]),
    })
    expect([twice.status, await twice.json()]).toMatchObject([400, { error: 'invalid_request' }])
    expect((await postToken(simulator, form, path)).status).toBe(400)
    expect((await postToken(simulator, given, path)).status).toBe(200)
  })
})
