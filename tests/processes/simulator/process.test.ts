import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createControlClient } from '../../../simulator/control-client'
import { startSimulatorProcess } from '../../../modules/hubspot-simulator/process'

test('a process of its own gives the environment, serves, and ends when told', async () => {
  const simulator = await startSimulatorProcess({
    port: 0,
    contacts: 7,
    deals: 3,
    redirectUri: 'http://localhost:4321/callback',
  })
  expect(simulator.env).toMatchObject({
    NUXT_HUBSPOT_API_BASE_URL: simulator.url,
    NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL: `${simulator.url}/oauth/authorize`,
    NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:4321/callback',
    NUXT_HUBSPOT_WEBHOOK_URL: 'http://localhost:4321/v1/leads/webhooks/hubspot',
  })
  expect((await createControlClient(simulator.url).portal().count('contacts')).live).toBe(7)

  // Its port is taken now: the next one takes another.
  const port = Number(new URL(simulator.url).port)
  const second = await startSimulatorProcess({ port })
  expect(second.url).not.toBe(simulator.url)
  await Promise.all([second.stop(), simulator.stop()])
  await expect(fetch(simulator.url)).rejects.toThrow()
})

test('it dies with a parent that was killed', async () => {
  const parent = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./parent-process.ts', import.meta.url))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const url = await new Promise<string>(resolve =>
    createInterface({ input: parent.stdout }).once('line', resolve),
  )
  expect((await fetch(`${url}/_control/state`)).status).toBe(200)
  parent.kill('SIGKILL')
  await expect
    .poll(
      () =>
        fetch(`${url}/_control/state`).then(
          () => 'up',
          () => 'down',
        ),
      { timeout: 20_000 },
    )
    .toBe('down')
})

test('a taken port is said in plain words', async () => {
  const simulator = await startSimulatorProcess({ port: 0 })
  const port = new URL(simulator.url).port
  const cli = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      fileURLToPath(new URL('../../../simulator/cli.ts', import.meta.url)),
      '--port',
      port,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const complaint = await new Promise<string>(resolve =>
    createInterface({ input: cli.stderr }).once('line', resolve),
  )
  expect(complaint).toBe(
    `Port ${port} is taken: name another one with --port, or 0 for any free one.`,
  )
  await simulator.stop()
})

test('an option that it does not know is said in plain words', async () => {
  const cli = spawn(process.execPath, ['--import', 'tsx', 'simulator/cli.ts', '--contats', '5'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  cli.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  expect(await new Promise(resolve => cli.once('close', resolve))).toBe(1)
  expect(said).toMatch(/--contats.*\n.*simulator\/README\.md\.\n$/)
})
