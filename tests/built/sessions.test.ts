import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SessionList } from '#shared/contracts/account'
import { texts } from '#shared/texts/en'
import type { RunningApp } from '../support/app'
import type { TestPartner } from '../support/builders'
import { createClient, type Client } from '../support/client'
import { present } from '../support/present'
import { startStack, type Stack } from '../support/stack'

/** Two processes of one installation. */
let apps: RunningApp[]
let stack: Stack
let partner: TestPartner
beforeAll(async () => {
  stack = await startStack({ apps: 2 })
  apps = stack.apps
  partner = await stack.aPartner()
})
afterAll(() => stack.stop())

async function signIn(app: RunningApp): Promise<Client> {
  const client = createClient(app.url)
  await client.signIn(partner.admin.email, partner.admin.password)
  return client
}
/** The same session at the other process */
function sameAt(app: RunningApp, client: Client): Client {
  const other = createClient(app.url)
  other.useCookie(client.cookie)
  return other
}
/** Opens the live stream. @returns once its first words are there; `over` when it has ended */
async function listen(app: RunningApp, client: Client): Promise<{ over: Promise<void> }> {
  const answer = await fetch(`${app.url}/api/v1/integrations/hubspot/events`, {
    headers: { cookie: client.cookie },
  })
  expect(answer.status).toBe(200)
  const reader = present(answer.body).getReader()
  await reader.read()
  const toItsEnd = async () => {
    while (!(await reader.read()).done) continue
  }
  return { over: toItsEnd() }
}

describe('a session', () => {
  it('stands on the account page, the present one marked', async () => {
    const [one] = apps as [RunningApp]
    const here = await signIn(one)
    const { status, text } = await here.get('/settings/account', {
      headers: { accept: 'text/html' },
    })
    expect(status).toBe(200)
    expect(text).toContain(texts.account.sessions.everywhere)
    expect(text).toContain(texts.account.sessions.current)
    await here.request('DELETE', '/api/v1/auth/sessions')
  })

  it('that is ended counts for nothing in any process, and its live streams close', async () => {
    const [one, two] = apps as [RunningApp, RunningApp]
    const [here, lost] = [await signIn(one), await signIn(one)]
    const lostAtTwo = sameAt(two, lost)
    expect((await lostAtTwo.get('/api/v1/auth/me')).status).toBe(200)
    const streams = [await listen(one, lost), await listen(two, lost)]
    const kept = await listen(two, here)
    let keptEnded = false
    void kept.over.then(
      () => {
        keptEnded = true
      },
      () => {},
    )

    const { items } = (await lost.get('/api/v1/auth/sessions')).json as SessionList
    const id = items.find(session => session.current)?.id
    expect((await here.request('DELETE', `/api/v1/auth/sessions/${id}`)).json).toEqual({ ended: 1 })
    for (const client of [lost, lostAtTwo])
      expect((await client.get('/api/v1/auth/me')).status).toBe(401)
    await Promise.all(streams.map(stream => stream.over))
    expect(keptEnded).toBe(false)

    expect((await sameAt(two, here).request('DELETE', '/api/v1/auth/sessions')).json).toEqual({
      ended: 1,
    })
    expect((await here.get('/api/v1/auth/me')).status).toBe(401)
    await kept.over
  })
})
