import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditEntry, AuditList } from '#shared/contracts/audit'
import { systemActor, userActor } from '../../../server/database/audit'
import { startPeopleApp, type PeopleApp } from '../../support/people'

const path = '/api/v1/audit'
let app: PeopleApp
beforeAll(async () => {
  app = await startPeopleApp()
})
afterAll(async () => {
  await app.stop()
})

type Somebody = Awaited<ReturnType<PeopleApp['somebody']>>
const entries = async ({ client }: Somebody, query = ''): Promise<AuditEntry[]> =>
  ((await client.get(`${path}${query}`)).json as AuditList).items

async function record(person: Somebody, action: string, details = {}) {
  await app.services.audit.record({
    partnerId: person.partnerId,
    actor: userActor({ user: { id: person.userId, email: person.email } }),
    action,
    target: 'a target',
    details,
  })
}

describe('the audit log', () => {
  test('says who did what to what, from where, newest first, and nothing of another partner', async () => {
    const [one, other] = [await app.somebody('Audited'), await app.somebody('Audited elsewhere')]
    await record(other, 'other.thing')
    await one.client.post('/api/v1/users/invitations', { email: 'a@audited.test', role: 'member' })
    await record(one, 'last.thing', { code: 'x' })
    const found = await entries(one)
    expect(found.map(entry => entry.action)).toEqual(['last.thing', 'user.invited'])
    expect(found[0]).toMatchObject({
      actor: { id: one.id, email: one.email },
      target: 'a target',
      details: { code: 'x' },
      address: null,
    })
    expect(found[1]?.address).toMatch(/127\.0\.0\.1/)
  })

  test('has no person for what the system did', async () => {
    const one = await app.somebody('Systematic')
    await app.services.audit.record({
      partnerId: one.partnerId,
      actor: systemActor,
      action: 'system.thing',
    })
    expect(await entries(one)).toMatchObject([{ actor: null, action: 'system.thing' }])
  })

  test('is filtered by person, action and time, and paged within the filter', async () => {
    const one = await app.somebody('Filtered')
    const two = await app.somebody('Filtered')
    for (let count = 0; count < 3; count++) await record(one, 'thing.done')
    await record(two, 'thing.done')
    await record(two, 'other.done')
    expect(await entries(one, `?actor=${two.id}`)).toHaveLength(2)
    expect(await entries(one, `?actor=${encodeURIComponent(two.email)}`)).toHaveLength(2)
    expect(await entries(one, '?action=thing.done')).toHaveLength(4)
    expect(await entries(one, `?action=thing.done&actor=${one.id}`)).toHaveLength(3)
    const today = new Date().toISOString().slice(0, 10)
    expect(await entries(one, `?from=${today}&to=${today}`)).toHaveLength(5)
    expect(await entries(one, '?to=2020-01-01')).toEqual([])
    const first = (await one.client.get(`${path}?action=thing.done&limit=3`)).json as AuditList
    const rest = `?action=thing.done&limit=3&cursor=${first.nextCursor}`
    expect(await entries(one, rest)).toHaveLength(1)
    expect((await one.client.get(`${path}?cursor=${first.nextCursor}`)).status).toBe(422)
  })

  test('comes as CSV, whole, with formulas made harmless, and that is audited', async () => {
    const one = await app.somebody('Exported')
    for (let count = 0; count < 30; count++) await record(one, 'thing.done')
    await record(one, 'formula.done', { note: '=1+1' })
    const answer = await one.client.get(`${path}?action=thing.done`, {
      headers: { accept: 'text/csv' },
    })
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-/)
    const lines = answer.text.trim().split('\r\n')
    expect(lines[0]).toBe('at,actor,action,outcome,target,address,details')
    expect(lines).toHaveLength(31)
    expect(lines[1]).toContain(one.email)
    expect((await entries(one))[0]?.action).toBe('audit.exported')
  })

  test('is for admins', async () => {
    const member = await app.somebody('Members only', 'member')
    expect((await member.client.get(path)).status).toBe(403)
  })

  test('forgets what is older than the operator keeps', async () => {
    const one = await app.somebody('Kept')
    await record(one, 'old.thing')
    await record(one, 'new.thing')
    await app.services.database.collections.auditLog.updateOne(
      { action: 'old.thing' },
      { $set: { at: new Date(Date.now() - 731 * 24 * 60 * 60 * 1000) } },
    )
    await app.services.auditList.prune()
    expect((await entries(one)).map(entry => entry.action)).toEqual(['new.thing'])
  })
})
