import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import end from '../../../server/api/v1/auth/sessions/index.delete'
import sync from '../../../server/api/v1/integrations/hubspot/sync.post'
import { createClient } from '../../support/client'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { mountRoutes } from '../../support/mount-routes'
import { present } from '../../support/present'

const program = 'curl/8.5.0 \u00e9(of the partner)'

let app: ConnectionApp
let http: Awaited<ReturnType<typeof mountRoutes>>
beforeAll(async () => {
  app = await startConnectionApp()
  http = await mountRoutes(app.services, [
    { method: 'POST', path: `${app.base}/sync`, handler: sync },
    { method: 'DELETE', path: '/api/v1/auth/sessions', handler: end },
  ])
})
afterAll(async () => {
  await http.close()
  await app.stop()
})

const linesOf = (partnerId: ObjectId) =>
  app.services.database.collections.auditLog
    .find({ partner_id: partnerId })
    .sort({ _id: 1 })
    .toArray()

describe('what the audit log says of a request', () => {
  test('is its session, its address, its program and its correlation id', async () => {
    const person = await app.person('Audited')
    await app.connect(await person.signIn(), 4711)
    const client = createClient(http.url)
    const headers = { 'user-agent': Buffer.from(program, 'utf8').toString('latin1') }
    await client.request('POST', '/api/v1/auth/login', {
      json: { email: person.email, password: 'a long enough password' },
      headers,
    })
    const started = await client.post(`${app.base}/sync`, {}, { headers })
    expect(started.status).toBe(202)
    await client.request('DELETE', '/api/v1/auth/sessions', { headers })

    const lines = await linesOf(person.partnerId)
    expect(lines.map(line => line.action)).toEqual([
      'signed_in',
      'hubspot.connect_started',
      'hubspot.connect',
      'signed_in',
      'sync.requested',
      'signed_out_everywhere',
    ])
    for (const line of lines) {
      expect(line.session_id, line.action).toBeInstanceOf(ObjectId)
      expect(line.address, line.action).toBe('127.0.0.1')
      expect(line.correlation_id, line.action).toMatch(/^[0-9a-f-]{36}$/)
      expect(line.actor).toEqual({ kind: 'user', user_id: person.userId, email: person.email })
    }
    const [first, , , second, requested, last] = lines
    expect(present(second).session_id?.equals(present(requested).session_id ?? '')).toBe(true)
    expect(present(second).session_id?.equals(present(first).session_id ?? '')).toBe(false)
    expect(requested).toMatchObject({
      user_agent: 'curl/8.5.0 (of the partner)',
      target: (started.json as { runId: string }).runId,
    })
    expect(last?.user_agent).toBe('curl/8.5.0 (of the partner)')
  })
})
