import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { newDeal, newLead } from '../../../server/records/blank'
import { kinds } from '../../../server/records/kinds'
import { noStages } from '../../../server/records/merge-stage'
import { pendingWrite } from '../../../server/records/plan-write'
import {
  inSync,
  neverAgain,
  outOfScope,
  refused,
  withState,
} from '../../../server/records/sync-state'

const now = new Date('2026-06-01T12:00:00.000Z')
const partnerId = new ObjectId()
const error = { code: 'validation_error', message: 'no', correlationId: null }

function writeOf(lead: ReturnType<typeof newLead>) {
  const deal = {
    ...newDeal(partnerId, { name: 'D' }, now),
    hubspot_id: '90',
    portal_id: '1',
    lead_ids: [lead._id],
    associations_dirty: true,
    dirty: true,
  }
  const context = { rules: [], stages: noStages, firstStage: null, portalId: '1', now }
  return pendingWrite(kinds.deal, deal, { ...context, contacts: [lead] })
}

describe('a deal of a lead that HubSpot does not have', () => {
  const lead = newLead(partnerId, { firstName: 'Ada' }, now)

  it('waits for the lead while it is on its way, also after a failure that passes', () => {
    expect(writeOf(lead)).toBe('waiting')
    expect(writeOf(withState(lead, refused(error, now)))).toBe('waiting')
  })

  it('does not ask again and again for one that HubSpot refused for good', () => {
    expect(writeOf(withState(lead, refused(error, null)))).toBe('nothing')
    expect(writeOf({ ...withState(lead, inSync), archived_at: now })).toBe('nothing')
    expect(withState(lead, refused(error, null)).sync.next_try_at).toEqual(neverAgain)
  })

  it('does not ask again and again for one that is left out of what is synced', () => {
    const scope = { rule: 'list', message: "Is not on the list 'Partners'.", since: now } as const
    expect(writeOf(withState(lead, outOfScope(scope)))).toBe('nothing')
  })
})
