import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  FailingRecords,
  FailureGroup,
  Failures,
  FailuresRetried,
} from '#shared/contracts/failures'
import failuresList from '../../../server/api/v1/integrations/hubspot/failures/index.get'
import failuresExport from '../../../server/api/v1/integrations/hubspot/failures/export.get'
import failuresOfCause from '../../../server/api/v1/integrations/hubspot/failures/[cause]/index.get'
import failuresRetry from '../../../server/api/v1/integrations/hubspot/failures/[cause]/retry.post'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { present } from '../../support/present'
import { aUser } from '../../support/users'
import { useWriteBackBench } from './write-back-bench'

const path = '/api/v1/integrations/hubspot/failures'
const password = 'a long enough password'

describe('failures by cause', () => {
  const { bench, partnerId, leads, deals, drain, lead } = useWriteBackBench()
  let http: Awaited<ReturnType<typeof mountRoutes>>
  let admin: CallAs
  let member: CallAs
  let other: CallAs
  beforeAll(async () => {
    const { collections } = bench
    const partnerName = present(await collections.partners.findOne({ _id: partnerId() })).name
    const users = [
      { partnerName, email: 'failing-admin@example.test', role: 'admin' as const },
      { partnerName, email: 'failing-member@example.test', role: 'member' as const },
      { partnerName: 'Elsewhere', email: 'elsewhere@example.test', role: 'admin' as const },
    ]
    for (const user of users) await aUser(collections, { ...user, password })
    http = await mountRoutes(bench.services, [
      { method: 'GET', path, handler: failuresList },
      { method: 'GET', path: `${path}/export`, handler: failuresExport },
      { method: 'GET', path: `${path}/:cause`, handler: failuresOfCause },
      { method: 'POST', path: `${path}/:cause/retry`, handler: failuresRetry },
    ])
    admin = await http.as('failing-admin@example.test', password)
    member = await http.as('failing-member@example.test', password)
    other = await http.as('elsewhere@example.test', password)
  }, 60_000)
  afterAll(() => http.close())

  async function groups(as = member): Promise<Record<string, FailureGroup>> {
    const { status, body } = await as<Failures>('GET', path)
    expect(status).toBe(200)
    return Object.fromEntries(body.groups.map(group => [group.cause, group]))
  }
  const stored = async (id: string) =>
    present(await bench.collections.leads.findOne({ _id: new ObjectId(id) }))

  test('each refusal of HubSpot is in the group of its cause, and is tried again by it', async () => {
    expect(await groups()).toEqual({})
    const second = await bench.portal.create('contacts', { email: 'second@example.test' })
    await bench.run()
    await bench.portal.create('contacts', { email: 'first@example.test' })
    const twin = present(await bench.leadOf(second.id))
    await leads().patch(partnerId(), twin._id.toHexString(), {
      email: 'first@example.test',
    })
    const odd = await deals().create(partnerId(), {
      name: 'Odd value',
      amount: '1',
      currency: 'XXX',
      stage: 'new',
    })
    const bad = await leads().create(partnerId(), { email: 'bad@example.test', firstName: 'Bad' })
    await deals().create(partnerId(), { name: 'Nowhere to go', stage: 'won' })
    await bench.portal.setRules([
      { type: 'contacts', property: 'company', when: { property: 'firstname', equals: 'Bad' } },
    ])
    await drain()
    const found = await groups()
    expect(found).toMatchObject({
      value_refused: {
        count: 1,
        who: 'partner',
        sample: [{ object: 'deal', id: odd.id, name: 'Odd value' }],
      },
      required_missing: { count: 1, sample: [{ object: 'lead', id: bad.id }] },
      stage_not_mapped: { count: 1, sample: [{ object: 'deal', name: 'Nowhere to go' }] },
    })
    expect(found.duplicate_address?.sample.map(({ id }) => id)).toEqual([twin._id.toHexString()])
    expect(Object.keys(found)).toHaveLength(4)
    for (const group of Object.values(found)) {
      expect(group.fix).not.toBe('')
      expect(group.sample[0]?.message).not.toBe('')
    }
    expect((await stored(bad.id)).sync.error?.cause).toBe('required_missing')
    expect(await groups(other)).toEqual({})
    const ofCause = await member<FailingRecords>('GET', `${path}/required_missing`)
    expect(ofCause.body).toMatchObject({ total: 1, items: [{ object: 'lead', id: bad.id }] })
    expect((await member<FailingRecords>('GET', `${path}/our_fault`)).body.total).toBe(0)
    expect((await other<FailingRecords>('GET', `${path}/required_missing`)).body.total).toBe(0)
    const lines = async (cause?: 'required_missing') => {
      const found: string[] = []
      for await (const line of bench.services.sync.failures.csv(partnerId(), cause))
        found.push(line)
      return found
    }
    expect(await lines()).toHaveLength(5)
    const [columns, only] = await lines('required_missing')
    expect(columns).toContain('cause,object,id,name,message,fix')
    expect(only).toContain(`required_missing,lead,${bad.id},Bad,`)

    await bench.portal.setRules([])
    const retry = (cause: string, as = admin) =>
      as<FailuresRetried>('POST', `${path}/${cause}/retry`, {})
    expect((await retry('required_missing', member)).status).toBe(403)
    expect((await retry('no_such_cause')).status).toBe(404)
    expect(await retry('our_fault')).toMatchObject({ status: 202, body: { runId: null } })
    const again = await retry('required_missing')
    expect(again.status).toBe(202)
    expect(again.body.runId).toMatch(/^[0-9a-f]{24}$/)
    expect((await lead(bad.id)).sync.state).toBe('pending')
    expect((await deals().get(partnerId(), odd.id)).sync.state).toBe('failed')
    await bench.services.sync.executor.execute(partnerId(), new ObjectId(again.body.runId ?? ''))
    expect((await lead(bad.id)).sync.state).toBe('in_sync')
    expect(Object.keys(await groups()).sort()).toEqual([
      'duplicate_address',
      'stage_not_mapped',
      'value_refused',
    ])
  })

  test('a permission, a request that HubSpot does not understand and a failure of earlier versions have theirs', async () => {
    const refused = async (email: string, status: number, body: object) => {
      await bench.control.inject({
        path: '/contacts/batch/create',
        action: { kind: 'status', status, body },
      })
      const made = await leads().create(partnerId(), { email, firstName: 'R' })
      await drain()
      await bench.control.clearFaults()
      return made.id
    }
    const noScope = await refused('scope@example.test', 403, {
      status: 'error',
      category: 'MISSING_SCOPES',
      message: 'x',
    })
    const unread = await refused('unread@example.test', 400, {
      status: 'error',
      category: 'VALIDATION_ERROR',
      message: 'Invalid input JSON on line 1, column 1: Unrecognized token',
    })
    const old = await refused('old@example.test', 400, { status: 'error', message: 'x' })
    await bench.collections.leads.updateOne(
      { _id: new ObjectId(old) },
      { $set: { 'sync.error': { code: 'invalid_email', message: 'x', correlationId: null } } },
    )
    const found = await groups()
    expect(found.permission_lost?.sample.map(({ id }) => id)).toEqual([noScope])
    expect(found.our_fault).toMatchObject({ who: 'operator', sample: [{ id: unread }] })
    expect(found.value_refused?.sample.map(({ id }) => id)).toContain(old)
  })
})
