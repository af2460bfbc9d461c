import { MongoClient, ObjectId } from 'mongodb'
import { collectionsOf } from '../../server/database/collections'
import type { TestPartner } from './builders'
import { createClient } from './client'
import type { Route } from './id-slots'
import { partnerData } from './partner-data'
import { present } from './present'
import { createSessionCookies } from './session-cookies'
import { startStack } from './stack'
import { tenantMatrix, type Actor, type MatrixOptions } from './tenant-matrix'

/** Stands in every record of the other partner. */
export const otherPartnersMark = 'Canary-of-the-other-partner'

/**
 * The production build with two partners: ours, and another one with records and runs that ours
 * must never see.
 */
export async function startTwoPartners() {
  const canary = otherPartnersMark
  const stack = await startStack()
  const { app, database: db } = stack
  const mongo = new MongoClient(db.uri)
  const ours = await stack.aPartner()
  const theirs = await stack.aPartner(canary)
  const us = createClient(app.url)
  const them = createClient(app.url)
  await us.signIn(ours.admin.email, ours.admin.password)
  await them.signIn(theirs.admin.email, theirs.admin.password)
  const lead = await them.post('/api/v1/leads', {
    email: 'canary@other.test',
    firstName: canary,
    company: canary,
  })
  const leadId = (lead.json as { id: string }).id
  const deal = await them.post('/api/v1/deals', { name: canary, leadIds: [leadId] })
  const dealId = (deal.json as { id: string }).id
  await them.post('/api/v1/leads', { email: 'second@other.test', firstName: canary })
  await them.post('/api/v1/deals', { name: `${canary} 2` })
  const now = new Date()
  const run = (_id: ObjectId) => ({
    _id,
    schema_version: 1 as const,
    partner_id: theirs.id,
    portal_id: '1',
    kind: 'initial' as const,
    status: 'succeeded' as const,
    trigger: 'manual' as const,
    active: false,
    phase: null,
    checkpoint: null,
    watermark: now,
    counts: { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 },
    total: null,
    error: null,
    identical: null,
    lease: null,
    again: null,
    queued_at: now,
    started_at: now,
    finished_at: now,
    version: 1,
    updated_at: now,
  })
  const runs = [run(new ObjectId()), run(new ObjectId())]
  const runId = present(runs[0])._id.toHexString()
  await collectionsOf(mongo.db(db.database)).syncRuns.insertMany(runs)
  const theirData = () => partnerData(mongo.db(db.database), theirs.id)
  const theirCursor = async (path: string) =>
    ((await them.get(`${path}?limit=1`)).json as { nextCursor: string | null }).nextCursor ?? ''

  /**
   * Everybody who may ask for what belongs to the other partner, each request with a session of its
   * own: some requests end the session.
   */
  async function everybody(): Promise<{ actors: Actor[]; strangersOwn: Record<string, string> }> {
    const { sessions, users } = collectionsOf(mongo.db(db.database))
    const cookies = createSessionCookies({
      sessions,
      jwtSecret: app.env.NUXT_AUTH_JWT_SECRET ?? '',
    })
    const owner = (partner: TestPartner, role: 'admin' | 'member') => ({
      id: partner[role].id,
      partnerId: partner.id,
    })
    // Of a third partner: they sign out everywhere on their way.
    const others = await stack.aPartner()
    const left = await stack.aPartner()
    await users.updateOne(
      { _id: left.admin.id },
      { $set: { disabled: true, partner_id: theirs.id } },
    )
    const cookieOf =
      (user: Parameters<typeof cookies.open>[0], state?: Parameters<typeof cookies.open>[1]) =>
      async () =>
        (await cookies.open(user, state)).cookie
    const stranger = createClient(app.url)
    stranger.useCookie((await cookies.open(owner(others, 'admin'))).cookie)
    const deal = (await stranger.post('/api/v1/deals', { name: 'Of the strangers' })).json as {
      id: string
    }
    const actors: Actor[] = [
      { name: 'nobody', is: 'nobody', role: 'member', cookie: async () => '' },
      {
        name: 'an expired token of its admin',
        is: 'nobody',
        role: 'admin',
        cookie: cookieOf(owner(theirs, 'admin'), { ageHours: 25 }),
      },
      {
        name: 'an idle session of its admin',
        is: 'nobody',
        role: 'admin',
        cookie: cookieOf(owner(theirs, 'admin'), { ageHours: 20, idleHours: 13 }),
      },
      {
        name: 'an ended session of its admin',
        is: 'nobody',
        role: 'admin',
        cookie: cookieOf(owner(theirs, 'admin'), { revoked: true }),
      },
      {
        name: 'a disabled admin of it',
        is: 'nobody',
        role: 'admin',
        cookie: cookieOf({ id: left.admin.id, partnerId: theirs.id }),
      },
      {
        name: 'a stranger whose token names it',
        is: 'nobody',
        role: 'admin',
        cookie: cookieOf(owner(others, 'admin'), { tokenPartnerId: theirs.id }),
      },
      {
        name: "another partner's member",
        is: 'stranger',
        role: 'member',
        cookie: cookieOf(owner(others, 'member')),
      },
      {
        name: "another partner's admin",
        is: 'stranger',
        role: 'admin',
        cookie: cookieOf(owner(others, 'admin')),
      },
      {
        name: 'a member of it',
        is: 'colleague',
        role: 'member',
        cookie: cookieOf(owner(theirs, 'member')),
      },
    ]
    return { actors, strangersOwn: { '/api/v1/deals/:id': deal.id } }
  }

  async function matrix(
    url: string,
    routes: Route[],
    actors: Actor[],
    strangersOwn: Record<string, string> = {},
  ) {
    const memberSession = await createSessionCookies({
      sessions: collectionsOf(mongo.db(db.database)).sessions,
      jwtSecret: app.env.NUXT_AUTH_JWT_SECRET ?? '',
    }).open({ id: theirs.member.id, partnerId: theirs.id })
    const options: MatrixOptions = {
      url,
      routes,
      actors,
      strangersOwn,
      canary,
      ids: {
        lead: leadId,
        deal: dealId,
        run: runId,
        session: memberSession.id,
        partner: theirs.id.toHexString(),
        user: theirs.admin.id.toHexString(),
      },
      rightFor: {
        '/api/v1/leads/:id': 'lead',
        '/api/v1/deals/:id': 'deal',
        '/api/v1/integrations/hubspot/runs/:id': 'run',
        '/api/v1/auth/sessions/:id': 'session',
      },
      cursors: {
        '/api/v1/leads': await theirCursor('/api/v1/leads'),
        '/api/v1/deals': await theirCursor('/api/v1/deals'),
        '/api/v1/integrations/hubspot/runs': await theirCursor('/api/v1/integrations/hubspot/runs'),
      },
    }
    return await tenantMatrix(options)
  }

  return {
    app,
    ours,
    theirs,
    us,
    them,
    leadId,
    dealId,
    runId,
    theirData,
    everybody,
    matrix,
    async stop(): Promise<void> {
      await mongo.close()
      await stack.stop()
    },
  }
}
