import { createServer, connect as dial, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createConnection } from '../../../server/connection/index'
import { createAuditLog } from '../../../server/database/audit'
import { createDatabase, type Database } from '../../../server/database/client'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { tokenPath } from '../../support/scripted-hubspot'
import { present } from '../../support/present'

vi.setConfig({ testTimeout: 120_000 })

let app: ConnectionApp
let proxy: Awaited<ReturnType<typeof startProxy>> | undefined
let database: Database | undefined
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(async () => {
  await database?.close()
  await proxy?.stop()
  await app.stop()
})

/** A cable to the database that can be pulled. */
async function startProxy(uri: string) {
  const host = decodeURIComponent(present(/^mongodb:\/\/(?:[^@/]*@)?([^/?]+)/.exec(uri)?.[1]))
  const sockets = new Set<Socket>()
  let pulled = false
  const server = createServer(client => {
    if (pulled) return void client.destroy()
    const upstream = host.startsWith('/')
      ? dial(host)
      : dial(Number(host.split(':')[1] ?? 27017), host.split(':')[0])
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
        sockets.delete(socket)
      })
    }
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    uri: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/?directConnection=true&w=1&journal=true`,
    pull() {
      pulled = true
      for (const socket of sockets) socket.destroy()
    },
    plug() {
      pulled = false
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

test('a token that came while the database went away serves from memory and is stored when it is back', async ({
  skip,
}) => {
  skip(/[@,]|\+srv:/.test(app.database.uri), 'The cable goes to one server without a sign-in.')
  const admin = await app.person('Outage')
  expect(await app.connect(admin.browser, 8001)).toBe('/settings/hubspot?success=true')
  await app.expire(admin.partnerId)
  const cable = (proxy = await startProxy(app.database.uri))
  const behind = (database = createDatabase({ uri: cable.uri, database: app.database.database }))
  await behind.ping()
  const {
    services: { configuration, http, cipher, clock, log, metrics },
  } = app
  let pullAt: string | null = 'refresh_answered'
  const connection = createConnection({
    collections: behind.collections,
    configuration,
    http,
    cipher,
    clock,
    log,
    metrics,
    audit: createAuditLog({ collections: behind.collections, clock }),
    countRecords: () => Promise.resolve({ waiting: 0, failed: 0 }),
    onStep(step) {
      if (step === pullAt) cable.pull()
    },
  })
  const before = app.hubspot.count(tokenPath)
  const first = await connection.getValidAccessToken(admin.partnerId)
  pullAt = null
  expect(app.hubspot.accessTokens.get(first.accessToken)).toBe(8001)
  const again = await Promise.all(
    Array.from({ length: 20 }, () => connection.getValidAccessToken(admin.partnerId)),
  )
  expect(new Set(again.map(token => token.accessToken))).toEqual(new Set([first.accessToken]))
  expect((await app.integration(admin.partnerId))?.token_version).toBe(first.tokenVersion - 1)
  cable.plug()
  await vi.waitFor(
    async () =>
      expect((await app.integration(admin.partnerId))?.token_version).toBe(first.tokenVersion),
    { timeout: 30_000, interval: 200 },
  )
  expect((await app.services.connection.getValidAccessToken(admin.partnerId)).accessToken).toBe(
    first.accessToken,
  )
  expect(app.hubspot.count(tokenPath) - before).toBe(1)
})
