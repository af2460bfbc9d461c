import { request } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { startApp } from '../support/app'
import { aPartner } from '../support/builders'
import { createClient } from '../support/client'
import { testDatabase } from '../support/mongo'

/**
 * Opens a request and holds back the end of its body, so that it is in flight for as long as the
 * test wants.
 */
function heldRequest(url: string, path: string, body: string) {
  const half = Math.floor(body.length / 2)
  let finish: () => void = () => {}
  const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      `${url}${path}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      received => {
        const chunks: Buffer[] = []
        received
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () =>
            resolve({ status: received.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          )
      },
    )
    sent.on('error', reject)
    sent.write(body.slice(0, half))
    finish = () => void sent.end(body.slice(half))
  })
  return { answer, finish: () => finish() }
}

// Several processes start and end; on a busy machine they take their time.
vi.setConfig({ testTimeout: 600_000 })

describe('SIGTERM', () => {
  it('lets what is in flight finish, takes nothing new, and ends with 0', async () => {
    const db = await testDatabase()
    const { admin } = await aPartner({ mongodbUri: db.uri, database: db.database })
    const rounds = Number(process.env.DRAIN_ROUNDS ?? 2)
    for (let round = 0; round < rounds; round++) {
      const app = await startApp({ mongodbUri: db.uri, database: db.database })
      const held = heldRequest(
        app.url,
        '/api/v1/auth/login',
        JSON.stringify({ email: admin.email, password: admin.password }),
      )
      // Answered on another connection: by now the server has the held one as well.
      await createClient(app.url).get('/healthz')
      app.signal('SIGTERM')
      while (
        await fetch(`${app.url}/readyz`).then(
          answer => answer.status === 200,
          () => false,
        )
      )
        await new Promise(resolve => setTimeout(resolve, 10))
      held.finish()
      expect((await held.answer).status).toBe(200)
      expect(await app.ended).toBe(0)
      expect(app.output()).toContain('"event":"stopping"')
      expect(app.output()).toContain('"event":"stopped"')
    }
    await db.drop()
    process.stdout.write(`Drain: ${rounds} restarts with a request in flight, 0 dropped\n`)
  })

  it('ends at once when it is sent twice', async () => {
    const db = await testDatabase()
    const app = await startApp({ mongodbUri: db.uri, database: db.database })
    const held = heldRequest(app.url, '/api/v1/auth/login', '{"email":"a@b.test","password":"x"}')
    const cut = expect(held.answer).rejects.toThrow()
    await createClient(app.url).get('/healthz')
    app.signal('SIGTERM')
    while (!app.output().includes('"event":"stopping"'))
      await new Promise(resolve => setTimeout(resolve, 10))
    app.signal('SIGTERM')
    expect(await app.ended).toBe(1)
    await cut
    await db.drop()
  })
})
