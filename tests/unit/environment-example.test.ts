import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConfigurationError, loadConfiguration } from '../../server/config/configuration'
import { environmentFrom } from '../../server/config/environment'

const lines = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8').split('\n')
const assignments = lines.flatMap((line, index) => {
  const [, mark, name, value] = /^(#?)(NUXT_\w+)=(.*)$/.exec(line) ?? []
  return name
    ? [{ name, value: value ?? '', commentedOut: mark === '#', above: lines[index - 1] ?? '' }]
    : []
})

/** The names that the configuration asks for, noted as it asks. */
function namesRead(): string[] {
  const names = new Set<string>()
  const environment = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get(_target, name) {
        names.add(String(name))
        return undefined
      },
    },
  )
  expect(() => loadConfiguration(environment)).toThrow(ConfigurationError)
  return [...names].sort()
}

/** Read by a plugin alone: it is about the process, not about the installation. */
const ofTheProcess = ['NUXT_WORKER']

test('names each variable that the server reads, once, and no other', () => {
  expect(assignments.map(({ name }) => name).sort()).toEqual(
    [...namesRead(), ...ofTheProcess].sort(),
  )
})

test("the server reads each of them from Nitro's runtime config as well", () => {
  expect(Object.keys(environmentFrom({}, {})).sort()).toEqual(namesRead())
})

test('explains each above its line, or with the one before', () => {
  for (const { name, above } of assignments) expect(above, name).toMatch(/^# \S|^#NUXT_/)
})

test('sets nothing and holds no secret', () => {
  for (const { name, value, commentedOut } of assignments) {
    expect(commentedOut, name).toBe(true)
    if (/SECRET|KEYS/.test(name)) expect(value, name).toBe('')
  }
})

test('its examples are accepted', () => {
  const examples = Object.fromEntries(assignments.map(({ name, value }) => [name, value]))
  const secrets = {
    NUXT_AUTH_JWT_SECRET: 'q8Zr1vXw0Lk3Tn6Yb9Hc2Md5Gf7Js4Pa',
    NUXT_HUBSPOT_CLIENT_SECRET: 'a-client-secret',
    NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 7) % 256)).toString('base64')}`,
  }
  expect(loadConfiguration({ ...examples, ...secrets })).toMatchObject({
    hubspot: { apiVersion: '2026-09', tokenRoute: false, requestsPerTenSeconds: 110 },
  })
})
