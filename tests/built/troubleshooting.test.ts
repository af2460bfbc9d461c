import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callbackErrors } from '#shared/contracts/connection'
import { rootDir } from '../support/build'
import type { StackPartner } from '../support/stack'
import { startStack, type Stack } from '../support/stack'
import { present } from '../support/present'

/**
 * docs/troubleshooting.md tells people what to type. Each of its commands is run here as it stands
 * there, by a shell, one after the other.
 */
const text = readFileSync(join(rootDir, 'docs', 'troubleshooting.md'), 'utf8')
const section = (title: string) =>
  present(text.split(/^#{2,3} /m).find(part => part.startsWith(`${title}\n`)))
const commandsOf = (title: string) =>
  [...section(title).matchAll(/^```bash\n(.*?)^```/gms)].map(([, commands]) => present(commands))

let stack: Stack
let partner: StackPartner
let folder: string
let variables: Record<string, string>

beforeAll(async () => {
  stack = await startStack({
    simulator: { contacts: 30, deals: 5 },
    env: { NUXT_LOG_LEVEL: 'debug', NUXT_HUBSPOT_TOKEN_ROUTE: 'true' },
    portals: [48210001],
  })
  partner = present(stack.partners[0])
  folder = mkdtempSync(join(tmpdir(), 'troubleshooting-'))
  cpSync(join(rootDir, 'hubspot-app'), join(folder, 'hubspot-app'), { recursive: true })
  const redirectUri = present(stack.app.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI)
  writeFileSync(join(folder, '.env'), `NUXT_PUBLIC_HUBSPOT_REDIRECT_URI=${redirectUri}\n`)
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const shell = fileURLToPath(new URL('../support/mongosh-process.ts', import.meta.url))
  const mongosh = join(folder, 'mongosh')
  writeFileSync(
    mongosh,
    `#!/bin/sh\nexec "${process.execPath}" --import "${loader}" "${shell}" "$@"\n`,
  )
  chmodSync(mongosh, 0o755)
  variables = {
    APP: stack.app.url,
    NUXT_MONGODB_URI: stack.database.uri,
    NUXT_MONGODB_DATABASE: stack.database.database,
    PARTNER: partner.name,
    EMAIL: partner.admin.email,
    PASSWORD: partner.admin.password,
    HUBSPOT_API: present(stack.app.env.NUXT_HUBSPOT_API_BASE_URL),
    LOG: join(folder, 'app.log'),
  }
})
afterAll(async () => {
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What a command prints. What it exports is there for the next one. @throws where it fails */
async function type(commands: string): Promise<string> {
  writeFileSync(present(variables.LOG), stack.app.output())
  const script = `set -eu -o pipefail\n${commands}\nprintf '\\0JWT=%s\\0TOKEN=%s' "\${JWT-}" "\${TOKEN-}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: folder,
    env: {
      HOME: folder,
      PATH: `${folder}:${process.env.PATH ?? ''}`,
      ...variables,
    },
  })
  const [printed = '', ...exported] = stdout.split('\0')
  for (const one of exported) {
    const [name = '', value = ''] = one.split(/=(.*)/s)
    if (value !== '') variables[name] = value
  }
  return printed
}

it('the variables that people set are those that the commands use', () => {
  const [first = ''] = commandsOf('By hand')
  expect([...first.matchAll(/(\w+)=/g)].map(([, name]) => name)).toEqual(Object.keys(variables))
})

describe('the commands of "Testing the integration"', () => {
  const commands = commandsOf('Testing the integration')
  it('are six, each of which is run', () => expect(commands).toHaveLength(6))

  it('tell that the app is ready, sign in and show the connection', async () => {
    expect(JSON.parse(await type(present(commands[0])))).toMatchObject({ status: 'ready' })
    expect(JSON.parse(await type(present(commands[1])))).toMatchObject({
      user: { email: partner.admin.email },
    })
    expect(JSON.parse(await type(present(commands[2])))).toMatchObject({
      status: 'connected',
      missingScopes: [],
    })
  })

  it('show the stored tokens, encrypted', async () => {
    const { hubspot_integration: stored } = JSON.parse(await type(present(commands[3]))) as {
      hubspot_integration: Record<string, unknown>
    }
    expect(stored).toMatchObject({ status: 'connected', scopes: expect.any(Array) as unknown })
    expect(Object.keys(stored)).toEqual(
      expect.arrayContaining(['access_token', 'refresh_token', 'expires_at', 'connected_at']),
    )
    expect(JSON.stringify([stored.access_token, stored.refresh_token])).not.toMatch(/"(CJ|na1)/)
  })

  it('ask HubSpot with a valid token, and sync', async () => {
    const contacts = JSON.parse(await type(present(commands[4]))) as { results: unknown[] }
    expect(contacts.results).toHaveLength(10)
    expect(await type(present(commands[5]))).toMatch(/"runId":.*"items":/s)
  })
})

describe('the commands of "Common errors"', () => {
  const commands = commandsOf('Common errors')
  it('are seven, each of which is run', () => expect(commands).toHaveLength(7))

  it('show the redirect URLs of both places, the three of the app among them', async () => {
    const printed = await type(present(commands[0]))
    for (const origin of [
      'http://localhost:3000',
      'https://api.partners.belkins.io',
      'https://staging-api.partners.belkins.io',
    ])
      expect(printed).toContain(`"${origin}/v1/integrations/hubspot/callback"`)
    expect(printed).toContain(present(stack.app.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI))
  })

  it('have the doctor look at client id and secret', async () => {
    const { checks } = JSON.parse(await type(present(commands[1]))) as {
      checks: { id: string; status: string }[]
    }
    const secret = checks.find(({ id }) => id === 'client_secret')
    expect(secret?.status).toMatch(/^(pass|skipped)$/)
  })

  it('find what HubSpot answered when a code was exchanged', async () => {
    const lines = (await type(present(commands[2]))).trim().split('\n')
    expect(lines.map(line => JSON.parse(line) as unknown)).toEqual(
      expect.arrayContaining([expect.objectContaining({ hubspotStatus: '200' })]),
    )
  })

  it('say where a callback without a code leads', async () => {
    expect(callbackErrors).toContain('missing_code')
    expect((await type(present(commands[3]))).trim()).toBe(
      `${stack.app.url}/settings/hubspot?error=missing_code`,
    )
  })

  it('renew the token, and show whether the partner ever connected', async () => {
    expect(JSON.parse(await type(present(commands[4])))).toEqual({
      expires_at: expect.any(String) as unknown,
    })
    expect(JSON.parse(await type(present(commands[5])))).toMatchObject([
      { name: partner.name, hubspot_integration: { status: 'connected' } },
    ])
  })

  it('disconnect, which the database then says', async () => {
    await type(present(commands[6]))
    expect(JSON.parse(await type(present(commands[5])))).toMatchObject([
      { hubspot_integration: { status: 'disconnected' } },
    ])
  })
})
