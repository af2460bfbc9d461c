import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FailureCause } from '#shared/contracts/failures'
import type { ObjectType, RecordFailure } from '../../../server/hubspot/crm-types'
import { causeOf } from '../../../server/records/failure-cause'
import { refusalOf } from '../../../server/sync/outbound/record-failure'
import { rootDir } from '../../support/build'
import { present } from '../../support/present'
import { failed, useCrmBench } from './crm-bench'
import { refusesByChance } from '../../support/strange'

const bench = useCrmBench()
const seen = new Set<string>()

async function refusedWrite(
  verb: 'batchCreate' | 'batchUpdate',
  type: ObjectType,
  properties: Record<string, string>,
  id = '1',
): Promise<FailureCause> {
  const input = { traceId: 'one', id, properties }
  const outcomes = await bench.crm[verb](type, [input])
  const outcome = present(outcomes.get('one'))
  if (!('error' in outcome)) throw new Error(`It was taken: ${JSON.stringify(properties)}`)
  seen.add(outcome.error.code)
  return causeOf(outcome.error)
}
const created = (type: ObjectType, properties: Record<string, string>) =>
  refusedWrite('batchCreate', type, properties)

describe('whatever the simulator refuses to a record has a cause with a name', () => {
  it.skipIf(refusesByChance)('values', async () => {
    const cases: [ObjectType, Record<string, string>, FailureCause][] = [
      ['contacts', { email: 'not an address' }, 'value_refused'],
      ['contacts', { email: 'a1@example.test', lifecyclestage: 'nowhere' }, 'value_refused'],
      ['contacts', { email: 'a2@example.test', hubspot_owner_id: '7' }, 'value_refused'],
      ['contacts', { email: 'a3@example.test', company: 'x'.repeat(70_000) }, 'value_refused'],
      ['contacts', { email: 'a4@example.test', no_such_property: 'x' }, 'property_changed'],
      ['contacts', { email: 'a5@example.test', hs_object_id: '7' }, 'property_changed'],
      ['deals', { dealname: 'A', dealstage: 'nowhere' }, 'stage_not_mapped'],
      [
        'deals',
        { dealname: 'A', pipeline: 'gone', dealstage: 'appointmentscheduled' },
        'stage_not_mapped',
      ],
      [
        'deals',
        { dealname: 'A', dealstage: 'appointmentscheduled', amount: 'much' },
        'value_refused',
      ],
      [
        'deals',
        { dealname: 'A', dealstage: 'appointmentscheduled', closedate: 'soon' },
        'value_refused',
      ],
      ['deals', { amount: '1' }, 'required_missing'],
    ]
    for (const [type, properties, cause] of cases)
      expect.soft(await created(type, properties), JSON.stringify(properties)).toBe(cause)
  })

  it('stages that no app may write', async () => {
    const portal = bench.control.portal()
    const pipelines = await portal.pipelines()
    await portal.setPipelines(
      pipelines.map(pipeline => ({
        ...pipeline,
        stages: pipeline.stages.map((stage, place) =>
          place === 1 ? { ...stage, writePermissions: 'READ_ONLY' as const } : stage,
        ),
      })),
    )
    const closed = present(pipelines.find(({ id }) => id === 'default')?.stages[1])
    expect(await created('deals', { dealname: 'A', dealstage: closed.id })).toBe('stage_not_mapped')
    const all = { enabledForAllStages: true, pipelineStageIds: [] }
    const rules = {
      objectCreationRule: { pipelineStageIds: ['appointmentscheduled'] },
      noBackwardsMovementRule: all,
      noSkippingStagesRule: all,
    }
    await portal.setPipelines(pipelines.map(pipeline => ({ ...pipeline, rules })))
    expect(await created('deals', { dealname: 'A', dealstage: closed.id })).toBe('stage_not_mapped')
    const { id } = await portal.create('deals', { dealname: 'B', dealstage: 'contractsent' })
    for (const dealstage of ['qualifiedtobuy', 'closedlost'])
      expect(await refusedWrite('batchUpdate', 'deals', { dealstage }, id)).toBe('stage_not_mapped')
    await portal.setPipelines(pipelines)
  })

  it('addresses and other values that another record has, and rules of the account', async () => {
    const portal = bench.control.portal()
    await portal.create('contacts', { email: 'taken@example.test', partner_reference: 'T1' })
    const other = await portal.create('contacts', { email: 'other@example.test' })
    expect(await created('contacts', { email: 'taken@example.test' })).toBe('duplicate_address')
    expect(await created('contacts', { email: 'b@example.test', partner_reference: 'T1' })).toBe(
      'value_refused',
    )
    const update = (properties: Record<string, string>, id = other.id) =>
      refusedWrite('batchUpdate', 'contacts', properties, id)
    expect(await update({ email: 'taken@example.test' })).toBe('duplicate_address')
    await portal.setRules([{ type: 'contacts', property: 'company' }])
    expect(await update({ firstname: 'X' })).toBe('required_missing')
    await portal.setRules([])
    await portal.archive('contacts', other.id)
    expect(await update({ firstname: 'X' })).toBe('record_gone')
  })

  it('associations, permissions, limits and outages', async () => {
    const [contact] = await bench.control.portal().list('contacts', 1)
    const associated = async (dealId = '999999999999') => {
      const error = await failed(
        bench.crm.associateDefault('contacts', present(contact).id, 'deals', dealId),
      )
      return causeOf({ ...present(refusalOf(error)), during: 'association' })
    }
    expect(await associated()).toBe('association_refused')
    const deal = await bench.control.portal().create('deals', { dealname: 'One too many' })
    await bench.control.set({ associationsPerRecord: 0 })
    expect(await associated(deal.id)).toBe('limit_reached')
    await bench.control.set({ associationsPerRecord: null })
    const answered = async (status: number, body: object): Promise<FailureCause> => {
      await bench.control.inject({
        path: '/contacts/batch/',
        action: { kind: 'status', status, body },
      })
      const error = await failed(
        bench.crm.batchCreate('contacts', [{ traceId: 'one', properties: { email: 'c@e.test' } }]),
      )
      await bench.control.clearFaults()
      const failure: RecordFailure | null = refusalOf(error)
      return causeOf(failure ?? { code: error.category ?? error.kind, message: '' })
    }
    expect(await answered(403, { category: 'MISSING_SCOPES', message: 'x' })).toBe(
      'permission_lost',
    )
  })

  it.skipIf(refusesByChance)('and every code that its checks know was tried here', () => {
    const source = ['store/validation.ts', 'store/stage-rules.ts', 'api/writes.ts']
      .map(file => readFileSync(join(rootDir, 'simulator', file), 'utf8'))
      .join('')
    const known = new Set(
      [...source.matchAll(/'([A-Z]+_[A-Z_]+)'/g)]
        .map(([, code]) => code ?? '')
        .filter(code => !/^(CRM_|HUBSPOT_|VALIDATION_ERROR|OBJECT_)/.test(code)),
    )
    expect(known.size).toBeGreaterThan(7)
    expect([...known].filter(code => !seen.has(code))).toEqual([])
  })
})
