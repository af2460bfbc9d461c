import type { Invitation } from '#shared/contracts/people'
import { allRoutes } from './all-routes'
import { createClient, type Client } from './client'
import { startConnectionApp } from './connection'
import { mountRoutes } from './mount-routes'
import { createSessionCookies } from './session-cookies'
import { aUser } from './users'

/** A password that no rule refuses. */
export const goodPassword = 'violet-harbour-grazes-42'

/** Of everybody whom `somebody` makes. */
export const firstPassword = 'a long enough password'

/** Every route of the API in this process, and people of partners. */
export async function startPeopleApp(options: Parameters<typeof startConnectionApp>[0] = {}) {
  const app = await startConnectionApp(options)
  const routes = (await allRoutes()).filter(({ path }) => path !== '/api/v1/auth/login')
  const http = await mountRoutes(app.services, routes)

  const { collections } = app.services.database
  const cookies = createSessionCookies({
    sessions: collections.sessions,
    jwtSecret: new TextDecoder().decode(app.services.configuration.jwtSecret),
  })
  let people = 0

  async function signIn(email: string, password = firstPassword): Promise<Client> {
    const client = createClient(http.url)
    const answer = await client.signIn(email, password)
    if (answer.status !== 200) throw new Error(`Sign-in answered ${answer.status}: ${answer.text}`)
    return client
  }

  return {
    ...app,
    url: http.url,
    client: () => createClient(http.url),
    signIn,
    /** Somebody of a partner, signed in by a session of their own. */
    async somebody(partnerName: string, role: 'admin' | 'member' = 'admin') {
      const email = `somebody${++people}@people.test`
      const { partnerId, userId } = await aUser(collections, {
        partnerName,
        email,
        password: firstPassword,
        role,
      })
      const client = createClient(http.url)
      client.useCookie((await cookies.open({ id: userId, partnerId })).cookie)
      return { email, id: userId.toHexString(), userId, partnerId, client }
    },
    /** @returns the token of a link that the answer carries */
    tokenOf(answer: { json: unknown }): string {
      const { link } = answer.json as Invitation
      return /#token=([\w-]+)$/.exec(link ?? '')?.[1] ?? ''
    },
    /** @returns lines of the audit log with this action, the last first */
    audited: async (action: string) =>
      await collections.auditLog.find({ action }).sort({ _id: -1 }).toArray(),
    async stop(): Promise<void> {
      await http.close()
      await app.stop()
    },
  }
}
export type PeopleApp = Awaited<ReturnType<typeof startPeopleApp>>
