import { createServer, Server, type ListenOptions } from 'node:net'
import { expect, test, vi } from 'vitest'
import { choosePort, isPortFree } from '../../modules/dev-defaults/port'

const callback = 'http://localhost:3000/v1/integrations/hubspot/callback'
const taken =
  (...ports: number[]) =>
  (port: number) =>
    Promise.resolve(!ports.includes(port))

test('the wanted port is taken where it is free', async () => {
  expect(await choosePort(3000, callback, taken())).toEqual({ port: 3000, hint: null })
})

test('where it is not, the next free one serves, and the redirect URI goes along', async () => {
  expect(await choosePort(3000, undefined, taken(3000, 3001))).toEqual({
    port: 3002,
    hint: 'Port 3000 is taken: starting on 3002; the redirect URI goes along.',
  })
})

test('a redirect URI of a real app that names the port is refused in one line', async () => {
  const choice = await choosePort(3000, callback, taken(3000))
  expect(choice).toMatchObject({ refusal: expect.stringContaining(callback) as string })
  expect(JSON.stringify(choice)).not.toContain('\\n')
  const elsewhere = 'https://dev.example.test/v1/integrations/hubspot/callback'
  expect(await choosePort(3000, elsewhere, taken(3000))).toMatchObject({ port: 3001 })
})

test('a port on which somebody listens is not free', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  expect(await isPortFree(port)).toBe(false)
  await new Promise(resolve => server.close(resolve))
  expect(await isPortFree(port)).toBe(true)
})

test.each([
  ['EADDRNOTAVAIL', true],
  ['EAFNOSUPPORT', true],
  ['EADDRINUSE', false],
])('where IPv6 answers %s, the port counts as free: %s', async (code, isFree) => {
  // What `listen` does with options and a callback, the one form that is used
  const listen = Server.prototype.listen as (
    options: ListenOptions,
    listening: () => void,
  ) => Server
  const spy = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (
    this: Server,
    ...args: unknown[]
  ) {
    const [options, listening] = args as Parameters<typeof listen>
    if (options.host !== '::1') return listen.call(this, options, listening)
    setImmediate(() => this.emit('error', Object.assign(new Error(code), { code })))
    return this
  })
  try {
    expect(await isPortFree(0)).toBe(isFree)
  } finally {
    spy.mockRestore()
  }
})
