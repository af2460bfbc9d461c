import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { User, UserList } from '#shared/contracts/people'
import { codeOf, type Client } from '../../support/client'
import { goodPassword, startPeopleApp, type PeopleApp } from '../../support/people'

// Passwords cost what a hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

let app: PeopleApp
beforeAll(async () => {
  app = await startPeopleApp()
})
afterAll(async () => {
  await app.stop()
})

const usersOf = async (client: Client): Promise<User[]> =>
  ((await client.get('/api/v1/users')).json as UserList).items
const isIn = async (client: Client) => (await client.get('/api/v1/auth/me')).status === 200
const invite = (client: Client, email: string, role = 'member') =>
  client.post('/api/v1/users/invitations', { email, role })
const accept = (token: string, password: string | undefined = goodPassword) =>
  app.client().post('/api/v1/auth/invitation', { token, password })

describe('the list of people', () => {
  test("shows an admin everybody of the own partner, page by page, and nobody of another's", async () => {
    const { client, email } = await app.somebody('Listed')
    const member = await app.somebody('Listed', 'member')
    await app.somebody('Elsewhere')
    const all = await usersOf(client)
    expect(all.map(user => user.email)).toEqual([email, member.email])
    expect(all[1]).toMatchObject({ role: 'member', disabled: false, passkeys: 0, invitedAt: null })
    expect(all[1]?.lastSeenAt).not.toBeNull()
    const first = (await client.get('/api/v1/users?limit=1')).json as UserList
    expect(first.total).toBe(2)
    const second = (await client.get(`/api/v1/users?limit=1&cursor=${first.nextCursor}`)).json
    expect((second as UserList).items.map(user => user.email)).toEqual([member.email])
    expect((second as UserList).nextCursor).toBeNull()
  })

  test('is for admins', async () => {
    const { client } = await app.somebody('Closed', 'member')
    expect((await client.get('/api/v1/users')).status).toBe(403)
    expect((await invite(client, 'x@closed.test')).status).toBe(403)
  })
})

describe('an invitation', () => {
  test('is taken up once, signs in, and is audited with who and where', async () => {
    const { client, id } = await app.somebody('Inviting')
    const answer = await invite(client, 'New@Inviting.test')
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({ email: 'new@inviting.test', role: 'member' })
    expect((answer.json as { link: string }).link).toMatch(
      /^http:\/\/localhost:3000\/invitation#token=[\w-]{43}$/,
    )
    const [waiting] = (await usersOf(client)).filter(user => user.email === 'new@inviting.test')
    expect(waiting?.invitedUntil).not.toBeNull()
    expect((await app.client().signIn('new@inviting.test', goodPassword)).status).toBe(401)

    const token = app.tokenOf(answer)
    const accepted = await accept(token)
    expect(accepted.status).toBe(200)
    expect(accepted.json).toMatchObject({ user: { email: 'new@inviting.test', role: 'member' } })
    expect(accepted.headers.getSetCookie()[0]).toMatch(/^access_token=ey/)
    expect(codeOf(await accept(token))).toBe('link_invalid')
    expect((await app.signIn('new@inviting.test', goodPassword)).cookie).not.toBe('')
    const [line] = await app.audited('user.invited')
    expect(line).toMatchObject({ actor: { email: expect.any(String) }, target: waiting?.id })
    expect(line?.actor.user_id?.toHexString()).toBe(id)
    expect(line?.address).toMatch(/127\.0\.0\.1/)
    expect(
      JSON.stringify(await app.services.database.collections.users.find().toArray()),
    ).not.toContain(token)
  })

  test('counts once when two take it up at the same moment', async () => {
    const { client } = await app.somebody('Twice at once')
    const token = app.tokenOf(await invite(client, 'twice@once.test'))
    const answers = await Promise.all([accept(token), accept(token), accept(token)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410])
  })

  test('lasts 72 hours', async () => {
    const { client } = await app.somebody('In time')
    const hour = 60 * 60 * 1000
    const late = app.tokenOf(await invite(client, 'late@time.test'))
    const early = app.tokenOf(await invite(client, 'early@time.test'))
    try {
      app.time.offsetMs = 72 * hour - 60_000
      expect((await accept(early)).status).toBe(200)
      app.time.offsetMs = 72 * hour + 1000
      expect(codeOf(await accept(late))).toBe('link_invalid')
    } finally {
      app.time.offsetMs = 0
    }
  })

  test('again makes the link before useless', async () => {
    const { client } = await app.somebody('Again')
    const first = app.tokenOf(await invite(client, 'again@again.test'))
    const second = app.tokenOf(await invite(client, 'again@again.test', 'admin'))
    expect(codeOf(await accept(first))).toBe('link_invalid')
    expect((await accept(second)).json).toMatchObject({ user: { role: 'admin' } })
    expect((await invite(client, 'again@again.test')).status).toBe(422)
  })

  test("of an address that has an account, here or at another partner's, is refused", async () => {
    const [one, other] = [await app.somebody('Taken'), await app.somebody('Taken elsewhere')]
    for (const { email } of [one, other])
      expect(codeOf(await invite(one.client, email))).toBe('validation_failed')
  })

  test('with a poor password is not used up', async () => {
    const { client } = await app.somebody('Poor')
    const token = app.tokenOf(await invite(client, 'someone@poor.test'))
    expect(codeOf(await accept(token, 'password1234'))).toBe('weak_password')
    expect((await accept(token)).status).toBe(200)
  })
})

describe('a person', () => {
  test('whose role changes has it from the next request on', async () => {
    const { client } = await app.somebody('Roles')
    const member = await app.somebody('Roles', 'member')
    const answer = await client.request('PATCH', `/api/v1/users/${member.id}`, {
      json: { role: 'admin' },
    })
    expect(answer.json).toMatchObject({ id: member.id, role: 'admin' })
    expect((await member.client.get('/api/v1/users')).status).toBe(200)
    await client.request('PATCH', `/api/v1/users/${member.id}`, { json: { role: 'member' } })
    expect((await member.client.get('/api/v1/users')).status).toBe(403)
  })

  test('who is disabled is signed out, cannot sign in, and can be let in again', async () => {
    const { client } = await app.somebody('Disabled')
    const member = await app.somebody('Disabled', 'member')
    const patch = (disabled: boolean) =>
      client.request('PATCH', `/api/v1/users/${member.id}`, { json: { disabled } })
    expect((await patch(true)).json).toMatchObject({ disabled: true })
    expect(await isIn(member.client)).toBe(false)
    expect((await app.client().signIn(member.email, 'a long enough password')).status).toBe(401)
    expect((await patch(false)).status).toBe(200)
    expect(await isIn(member.client)).toBe(false)
    expect(await isIn(await app.signIn(member.email))).toBe(true)
  })

  test('who is removed is gone with their sessions', async () => {
    const { client } = await app.somebody('Removed')
    const member = await app.somebody('Removed', 'member')
    const answer = await client.request('DELETE', `/api/v1/users/${member.id}`)
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(await isIn(member.client)).toBe(false)
    expect((await usersOf(client)).map(user => user.id)).not.toContain(member.id)
    expect((await client.request('DELETE', `/api/v1/users/${member.id}`)).status).toBe(404)
    expect((await invite(client, member.email)).status).toBe(201)
  })

  test('can be signed out everywhere by an admin', async () => {
    const { client } = await app.somebody('Signed out')
    const member = await app.somebody('Signed out', 'member')
    const answer = await client.request('DELETE', `/api/v1/users/${member.id}/sessions`)
    expect(answer.json).toMatchObject({ ended: expect.any(Number) })
    expect(await isIn(member.client)).toBe(false)
  })

  test('of another partner is not there, whatever is asked', async () => {
    const [{ client }, stranger] = [await app.somebody('Ours'), await app.somebody('Theirs')]
    for (const [method, path, json] of [
      ['PATCH', '', { role: 'member' }],
      ['DELETE', '', undefined],
      ['DELETE', '/sessions', undefined],
      ['POST', '/password-reset', {}],
    ] as const)
      expect(
        (await client.request(method, `/api/v1/users/${stranger.id}${path}`, { json })).status,
      ).toBe(404)
    expect(await isIn(stranger.client)).toBe(true)
  })
})

describe('the last admin', () => {
  test('can be neither demoted nor disabled nor removed; one who waits for an invitation is none', async () => {
    const { client, id } = await app.somebody('Last')
    await invite(client, 'waiting@last.test', 'admin')
    const path = `/api/v1/users/${id}`
    for (const json of [{ role: 'member' }, { disabled: true }])
      expect(codeOf(await client.request('PATCH', path, { json }))).toBe('last_admin')
    expect(codeOf(await client.request('DELETE', path))).toBe('last_admin')
    expect(await isIn(client)).toBe(true)
  })

  test('stays when two admins demote each other at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const name = `Each other ${round}`
      const [one, other] = [await app.somebody(name), await app.somebody(name)]
      const demote = (by: Client, id: string) =>
        by.request('PATCH', `/api/v1/users/${id}`, { json: { role: 'member' } })
      const answers = await Promise.all([
        demote(one.client, other.id),
        demote(other.client, one.id),
      ])
      const admins = await app.services.database.collections.users.countDocuments({
        partner_id: one.partnerId,
        role: 'admin',
      })
      expect(admins, answers.map(answer => answer.text).join()).toBe(1)
    }
  })
})

test('people are changed only by somebody who proved who they are within five minutes', async () => {
  const { client } = await app.somebody('Fresh')
  const member = await app.somebody('Fresh', 'member')
  try {
    app.time.offsetMs = 5 * 60 * 1000 + 1000
    const refused = await Promise.all([
      invite(client, 'late@fresh.test'),
      client.request('PATCH', `/api/v1/users/${member.id}`, { json: { role: 'admin' } }),
      client.request('DELETE', `/api/v1/users/${member.id}`),
      client.post('/api/v1/service-keys', { name: 'x', scopes: ['leads:read'] }),
      client.request('DELETE', '/api/v1/integrations/hubspot/disconnect'),
      client.post('/api/v1/integrations/hubspot/connect'),
      client.request('PATCH', '/api/v1/integrations/hubspot/settings', {
        json: { writeBack: true },
      }),
      client.request('DELETE', '/api/v1/integrations/hubspot/records', {
        json: { confirm: 'erase' },
      }),
      client.get('/api/v1/leads/export'),
      client.get('/api/v1/deals/export'),
    ])
    expect(refused.map(answer => codeOf(answer))).toEqual(refused.map(() => 'step_up_required'))
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403))
    expect((await client.post('/api/v1/auth/step-up', { password: 'wrong' })).status).toBe(401)
    const proven = await client.post('/api/v1/auth/step-up', { password: 'a long enough password' })
    expect(proven.status).toBe(200)
    expect((await invite(client, 'late@fresh.test')).status).toBe(201)
    app.time.offsetMs += 5 * 60 * 1000 + 1000
    expect(codeOf(await invite(client, 'later@fresh.test'))).toBe('step_up_required')
  } finally {
    app.time.offsetMs = 0
  }
})

test('an id that does not exist is not found, and a change of nothing is refused', async () => {
  const { client } = await app.somebody('Unknown')
  const path = `/api/v1/users/${new ObjectId().toHexString()}`
  expect((await client.request('PATCH', path, { json: { role: 'member' } })).status).toBe(404)
  expect((await client.request('PATCH', path, { json: {} })).status).toBe(422)
})
