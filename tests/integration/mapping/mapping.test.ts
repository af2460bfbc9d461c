import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type {
  Pipelines,
  Properties,
  StageMapping,
  StageMappingEntry,
} from '#shared/contracts/mapping'
import { newDeal } from '../../../server/records/blank'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from '../records/routes'
import { present } from '../../support/present'
import { aUser } from '../../support/users'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
let member: CallAs
let stranger: CallAs
const base = '/api/v1/integrations/hubspot'
const password = 'a long enough password'
const changes: { reread: boolean }[] = []

beforeAll(async () => {
  bench = await startSyncBench({
    writeBack: false,
    triggers: { mappingChanged: async (_, change) => void changes.push(change) },
  })
  await aUser(bench.services.database.collections, {
    partnerName: 'Northwind',
    email: 'member@example.test',
    password,
    role: 'member',
  })
  await aUser(bench.services.database.collections, {
    partnerName: 'Stranger',
    email: 'stranger@example.test',
    password,
    role: 'admin',
  })
  http = await mountRoutes(bench.services, recordRoutes)
  call = await http.as('northwind@example.test', password)
  member = await http.as('member@example.test', password)
  stranger = await http.as('stranger@example.test', password)
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})
beforeEach(async () => {
  await bench.collections.deals.deleteMany({})
  changes.length = 0
})

const view = async () => (await call<StageMapping>('GET', `${base}/stage-mapping`)).body
const put = (mapping: StageMappingEntry[]) =>
  call<StageMapping & { data: { issues: { path: string }[] } }>('PUT', `${base}/stage-mapping`, {
    mapping,
  })
/** The schema cache is a minute old at most */
const passMinute = () => {
  bench.time.offsetMs += 61_000
}

describe("HubSpot's schema", () => {
  it('is shown to who is signed in and connected', async () => {
    const { body } = await member<Pipelines>('GET', `${base}/pipelines`)
    expect(body.pipelines.length).toBeGreaterThan(0)
    expect(body.pipelines[0]?.stages.every(stage => stage.dealCount === 0)).toBe(true)
    const contacts = (await member<Properties>('GET', `${base}/properties/contacts`)).body
      .properties
    expect(contacts.find(property => property.name === 'email')).toMatchObject({
      writable: true,
      type: 'string',
    })
    expect(contacts.find(property => property.name === 'lastmodifieddate')?.writable).toBe(false)
    expect((await member('GET', `${base}/properties/companies`)).status).toBe(404)
    const answer = await stranger<{ data: { code: string } }>('GET', `${base}/pipelines`)
    expect([answer.status, answer.body.data.code]).toEqual([409, 'hubspot_not_connected'])
  })

  it('is read once a minute at most, and the last answer serves while HubSpot is away', async () => {
    await view()
    await bench.control.clearCalls()
    await view()
    expect(await bench.control.calls({ path: 'pipelines' })).toEqual([])
    passMinute()
    await bench.control.inject({
      path: '/crm/',
      times: null,
      action: { kind: 'status', status: 503 },
    })
    expect((await view()).pipelines.length).toBeGreaterThan(0)
    await bench.control.clearFaults()
  })
})

describe('the stage mapping', () => {
  it('is nothing until accepted; suggestions go by label, probability and flags, and can be accepted as they are', async () => {
    const { mapping, suggestions, pipelines, drift } = await view()
    expect([mapping, drift]).toEqual([[], []])
    const stages = pipelines.flatMap(pipeline =>
      pipeline.stages.map(stage => ({ ...stage, pipelineId: pipeline.id })),
    )
    expect(suggestions).toHaveLength(stages.length)
    for (const stage of stages.filter(one => one.isClosed))
      expect(suggestions.find(one => one.stageId === stage.id)?.stage).toBe(
        stage.isWon ? 'won' : 'lost',
      )
    const accepted = await put(suggestions)
    expect([accepted.status, accepted.body.mapping.length, accepted.body.suggestions]).toEqual([
      200,
      suggestions.length,
      [],
    ])
    expect(changes).toEqual([{ reread: false }])
    expect((await member('PUT', `${base}/stage-mapping`, { mapping: [] })).status).toBe(403)
  })

  it('refuses what is unknown, twice, or two stages to write back to', async () => {
    const { suggestions, mapping, pipelines } = await view()
    const [pipeline] = pipelines
    const [one, two] = pipeline?.stages ?? []
    const before = JSON.stringify(mapping)
    const entry = {
      pipelineId: present(pipeline?.id),
      stageId: present(one?.id),
      stage: 'new' as const,
      writeBack: true,
    }
    for (const [wrong, path] of [
      [[{ ...entry, pipelineId: 'nowhere' }], 'mapping.0.pipelineId'],
      [[{ ...entry, stageId: 'nowhere' }], 'mapping.0.stageId'],
      [[entry, { ...entry, writeBack: false }], 'mapping.1.stageId'],
      [[entry, { ...entry, stageId: present(two?.id) }], 'mapping.1.writeBack'],
      [[{ ...entry, stage: 'closed' }], 'mapping.0.stage'],
      [[{ ...entry, paused: true }], 'mapping.0'],
      [[{ ...entry, stageId: { $ne: '' } }], 'mapping.0.stageId'],
    ] as [StageMappingEntry[], string][]) {
      const answer = await put(wrong)
      expect([path, answer.status, answer.body.data?.issues[0]?.path]).toEqual([path, 422, path])
    }
    expect(JSON.stringify((await view()).mapping)).toBe(before)
    expect(suggestions).toEqual([])
    expect(
      (await put([entry, { ...entry, stageId: present(two?.id), writeBack: false }])).status,
    ).toBe(200)
  })

  it('moves the deals it touches, counts those it leaves out, and keeps local changes', async () => {
    const { pipelines } = await view()
    const [pipeline] = pipelines
    const [one, two, three] = pipeline?.stages ?? []
    const { partnerId, portalId } = bench.partner
    const inStage = (stageId = '', count = 1) =>
      Array.from({ length: count }, () => ({
        ...newDeal(partnerId, { name: 'x' }, new Date()),
        portal_id: portalId,
        hubspot_id: String(Math.random()).slice(2),
        hubspot_pipeline_id: present(pipeline?.id),
        hubspot_stage_id: stageId,
        sync: { ...newDeal(partnerId, {}, new Date()).sync, state: 'in_sync' as const },
      }))
    await bench.collections.deals.insertMany([
      ...inStage(one?.id, 3),
      ...inStage(two?.id, 2),
      ...inStage('gone', 1),
    ])
    const of = (stageId = '', stage: StageMappingEntry['stage'] = 'new') => ({
      pipelineId: present(pipeline?.id),
      stageId,
      stage,
      writeBack: true,
    })
    const first = await put([of(one?.id, 'new')])
    expect(first.body.unmapped).toBe(3)
    expect(first.body.pipelines[0]?.stages.map(stage => stage.dealCount).slice(0, 3)).toEqual([
      3, 2, 0,
    ])
    const stagesNow = async () =>
      (await bench.collections.deals.find().sort({ hubspot_stage_id: 1, _id: 1 }).toArray()).map(
        deal => deal.stage,
      )
    expect((await stagesNow()).filter(stage => stage === 'new')).toHaveLength(3)
    const edited = await bench.collections.deals.findOne({ hubspot_stage_id: one?.id })
    const patched = await call<{ stage: string; sync: { state: string; error: { code: string } } }>(
      'PATCH',
      `/api/v1/deals/${edited?._id.toHexString()}`,
      { stage: 'qualified' },
    )
    expect([patched.body.stage, patched.body.sync.state, patched.body.sync.error.code]).toEqual([
      'qualified',
      'failed',
      'stage_not_mapped',
    ])
    await put([of(one?.id, 'contacted'), of(two?.id, 'proposal'), of(three?.id, 'qualified')])
    expect(await bench.collections.deals.countDocuments({ stage: 'contacted' })).toBe(2)
    expect(await bench.collections.deals.countDocuments({ stage: 'proposal' })).toBe(2)
    expect(await bench.collections.deals.findOne({ _id: edited?._id })).toMatchObject({
      stage: 'qualified',
      stage_base: 'contacted',
      dirty: true,
      sync: { state: 'pending', error: null },
    })
    expect((await view()).unmapped).toBe(1)
  })

  it('pauses just what HubSpot renames or deletes, tells what is new, and goes on when it is accepted again', async () => {
    const pipelines = await bench.portal.pipelines()
    passMinute()
    await put(
      (await view()).pipelines.flatMap(pipeline =>
        pipeline.stages.map(stage => ({
          pipelineId: pipeline.id,
          stageId: stage.id,
          stage: 'new' as const,
          writeBack: false,
        })),
      ),
    )
    const changed = structuredClone(pipelines)
    const [pipeline] = changed
    if (!pipeline?.stages[0] || !pipeline.stages[1])
      throw new Error('The simulator has too few stages')
    const renamed = pipeline.stages[0]
    const deleted = pipeline.stages[1]
    renamed.label = 'Something else'
    pipeline.stages.splice(1, 1)
    pipeline.stages.push({
      ...structuredClone(renamed),
      id: 'brandnew',
      label: 'Brand new',
      displayOrder: 99,
    })
    const { deals } = bench.collections
    const inDeleted = { hubspot_pipeline_id: pipeline.id, hubspot_stage_id: deleted.id }
    const lost = {
      ...newDeal(bench.partner.partnerId, { name: 'Lost stage' }, new Date()),
      hubspot_id: '77001',
      portal_id: bench.partner.portalId,
      ...inDeleted,
    }
    const { unmapped: before } = await view()
    await deals.insertOne(lost)
    expect((await view()).unmapped).toBe(before)
    await bench.portal.setPipelines(changed)
    await bench.services.mapping.checkDrift(bench.partner.partnerId)
    const { drift, unmapped } = await view()
    // A stage that is gone is named as it was, and its deals count as unmapped.
    expect(drift.find(one => one.stageId === deleted.id)?.label).toBe(deleted.label)
    expect(unmapped).toBe(before + (await deals.countDocuments(inDeleted)))
    await deals.deleteOne({ _id: lost._id })
    expect(drift.map(({ stageId, kind }) => [stageId, kind]).sort()).toEqual(
      [
        [renamed.id, 'renamed'],
        [deleted.id, 'deleted'],
        ['brandnew', 'new'],
      ].sort(),
    )
    const rules = await bench.services.mapping.stagesFor(
      bench.partner.partnerId,
      bench.partner.portalId,
    )
    expect([
      rules.toOurs(pipeline.id, renamed.id),
      rules.toOurs(pipeline.id, deleted.id),
      rules.toOurs(pipeline.id, 'brandnew'),
      rules.toOurs(pipeline.id, present(pipeline.stages[1]?.id)),
    ]).toEqual([undefined, undefined, null, 'new'])
    expect(
      await bench.collections.notices.countDocuments({
        partner_id: bench.partner.partnerId,
        kind: 'stage_drift',
        resolved_at: null,
      }),
    ).toBe(3)
    passMinute()
    expect((await view()).drift.map(one => one.since)).toEqual(drift.map(one => one.since))
    const kept = (await view()).mapping.filter(entry => entry.stageId !== deleted.id)
    expect((await put(kept)).body.drift).toEqual([])
    expect(
      await bench.collections.notices.countDocuments({ kind: 'stage_drift', resolved_at: null }),
    ).toBe(0)
    await bench.portal.setPipelines(pipelines)
  })

  it('writes back to no stage that only HubSpot may write', async () => {
    const pipelines = await bench.portal.pipelines()
    const changed = structuredClone(pipelines)
    const pipeline = present(changed[0])
    const [open, closed] = [present(pipeline.stages[0]), present(pipeline.stages[1])]
    const entry = (stageId: string, writeBack: boolean) => ({
      pipelineId: pipeline.id,
      stageId,
      stage: 'new' as const,
      writeBack,
    })
    const stageIn = (all: StageMapping, id: string) =>
      all.pipelines.flatMap(one => one.stages).find(stage => stage.id === id)
    passMinute()
    expect(stageIn(await view(), open.id)?.writable).toBe(true)
    await put([entry(open.id, true), entry(closed.id, false)])
    open.writePermissions = 'READ_ONLY'
    await bench.portal.setPipelines(changed)
    passMinute()
    await bench.services.mapping.checkDrift(bench.partner.partnerId)
    // It was chosen before: what comes in still has its stage, and nothing is written to it.
    const found = await view()
    expect(found.drift).toMatchObject([{ stageId: open.id, kind: 'read_only' }])
    expect(found.mapping.map(one => one.writeBack)).toEqual([false, false])
    expect(stageIn(found, open.id)?.writable).toBe(false)
    const rules = await bench.services.mapping.stagesFor(
      bench.partner.partnerId,
      bench.partner.portalId,
    )
    expect([rules.toOurs(pipeline.id, open.id), rules.toHubspot('new', pipeline.id)]).toEqual([
      'new',
      null,
    ])
    const refused = await put([entry(open.id, true)])
    expect([refused.status, refused.body]).toMatchObject([
      422,
      { data: { code: 'validation_failed', issues: [{ path: 'mapping.0.writeBack' }] } },
    ])
    // Nor is it suggested.
    await put([])
    const { suggestions } = await view()
    expect(suggestions.filter(one => one.writeBack).map(one => one.stageId)).not.toContain(open.id)
    expect((await put([entry(open.id, false), entry(closed.id, true)])).status).toBe(200)
    await bench.portal.setPipelines(pipelines)
    passMinute()
    expect((await view()).drift).toEqual([])
  })
})
