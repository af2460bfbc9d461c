import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { BatchResult } from '../../../server/hubspot/crm-types'
import { newLead } from '../../../server/records/blank'
import type { AnyUpdate, DrainContext } from '../../../server/sync/outbound/context'
import { refusedStage, stepBack } from '../../../server/sync/outbound/step-back'
import { withoutStepBack } from '../../../simulator/store/lifecycle'
import type { Portal } from '../../../simulator/store/portal'
import type { RecordView } from '../../../simulator/store/record'

const id = '7'
const options = ['lead', 'opportunity', 'customer'].map(value => ({ value }))
const portal = { property: () => ({ options }) } as unknown as Portal

/** HubSpot with one contact: what is sent goes through the simulator's rule. */
function hubspot(stage: string, takesNothing = false) {
  const requests: string[] = []
  const sending: (string | undefined)[] = []
  let current: string | null = stage
  const write = (sent: string): void => {
    const record = { value: () => current } as unknown as RecordView
    const taken = withoutStepBack(portal, 'contacts', record, { lifecyclestage: sent || null })
    if ('lifecyclestage' in taken && !(takesNothing && sent !== stage))
      current = taken.lifecyclestage ?? null
  }
  const answer = (): BatchResult => {
    const properties = { lifecyclestage: current }
    const at = '2026-01-01T00:00:00.000Z'
    const ok = { id, properties, createdAt: at, updatedAt: at, archived: false }
    return new Map([[id, { ok }]])
  }
  const ctx = {
    lease: { assert: async () => {} },
    crm: {
      batchUpdate: async (_: string, [input]: { properties: { lifecyclestage: string } }[]) => {
        const sent = input?.properties.lifecyclestage ?? ''
        requests.push(sent)
        write(sent)
        return answer()
      },
    },
  } as unknown as DrainContext
  const deps = {
    setSending: async (_: DrainContext, writes: readonly AnyUpdate[]) => {
      for (const one of writes) sending.push(one.properties.lifecyclestage)
    },
  }
  return { ctx, deps, requests, sending, write, answer, stage: () => current }
}

const update = (stage: string): AnyUpdate => ({
  action: 'update',
  record: { ...newLead(new ObjectId(), {}, new Date()), remote: { lifecyclestage: 'customer' } },
  hubspotId: id,
  properties: { lifecyclestage: stage, company: 'With it' },
  fields: ['lifecycleStage', 'company'],
  associations: { add: [], remove: [] },
})

describe('a life cycle stage that is set backwards', () => {
  it('is answered with a success and the old value', () => {
    const there = hubspot('customer')
    there.write('lead')
    expect(there.stage()).toBe('customer')
    expect(refusedStage(update('lead'), there.answer().get(id))).toBe('lead')
    there.write('')
    there.write('lead')
    expect(there.stage()).toBe('lead')
    expect(refusedStage(update('lead'), there.answer().get(id))).toBeNull()
    there.write('opportunity')
    expect(there.stage()).toBe('opportunity')
  })

  it('is cleared in a request of its own, known as ours, and then set', async () => {
    const there = hubspot('customer')
    const outcomes = await stepBack(there.deps, there.ctx, [update('lead')])
    expect(there.requests).toEqual(['', 'lead'])
    expect(there.sending).toEqual([''])
    expect(outcomes.get(id)).toHaveProperty('ok.properties.lifecyclestage', 'lead')
  })

  it('is refused, and the former one set again, where HubSpot does not take it at all', async () => {
    const closed = hubspot('customer', true)
    const outcomes = await stepBack(closed.deps, closed.ctx, [update('lead')])
    expect(outcomes.get(id)).toHaveProperty('error.code', 'INVALID_LIFECYCLE_STAGE')
    expect(closed.stage()).toBe('customer')
  })
})
