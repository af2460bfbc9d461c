import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { LeadDocument } from '../../../server/database/documents'
import { afterWrite } from '../../../server/records/accepted-write'
import { newDeal, newLead } from '../../../server/records/blank'
import { kinds } from '../../../server/records/kinds'
import type { FieldRule } from '../../../server/records/merge-field'
import { noStages } from '../../../server/records/merge-stage'
import { sendingNow, withOwnAssociations } from '../../../server/records/own-write'
import { planLead } from '../../../server/sync/inbound/plan-record'

const at = new Date('2026-01-01T00:00:00Z')

describe('an update whose answer was lost', () => {
  it('stays known for the contact that it added, after one that parts it again was not sent', () => {
    const added = { properties: {}, associations: { add: ['2'], remove: [] } }
    const parted = { properties: {}, associations: { add: [], remove: ['2'] } }
    const deal = newDeal(new ObjectId(), { name: 'Mill' }, at)
    const first = { ...deal, sending: sendingNow(deal, added, at) }
    const second = { ...first, sending: sendingNow(first, parted, at) }
    // HubSpot has the contact since we added it: no news, and parting it is still to be written.
    expect(withOwnAssociations(second, second, ['2'])).toMatchObject({
      hubspot_contact_ids: ['2'],
      lead_ids: [],
      associations_dirty: true,
    })
  })

  it('says nothing of contacts where only values were written, though a lead has not joined its deal yet', () => {
    const deal = {
      ...newDeal(new ObjectId(), { name: 'Mill' }, at),
      portal_id: '1',
      hubspot_id: '9',
      hubspot_contact_ids: ['2'],
    }
    // The lead of contact 2 was stored, and a kill came before the deal knew it.
    const late = { ...newLead(deal.partner_id, {}, at), portal_id: '1', hubspot_id: '2' }
    const next = afterWrite(
      kinds.deal,
      deal,
      {
        portalId: '1',
        sent: { dealname: 'Mill' },
        object: { id: '9', properties: {}, updatedAt: at.toISOString() },
        associations: { added: [], removed: [] },
      },
      { rules: [], stages: noStages, now: at, contacts: [late] },
    )
    expect(next).toMatchObject({ associations_dirty: false, dirty: false })
  })
})

describe('an update that HubSpot took, and whose answer is slower than what came after it there', () => {
  const firstName: FieldRule = {
    field: 'firstName',
    property: 'firstname',
    direction: 'both',
    policy: 'local_wins',
    kind: 'text',
    type: 'string',
    zone: 'UTC',
  }
  const context = { rules: [firstName], stages: noStages, now: at }
  const portalId = '1'
  const partnerId = new ObjectId()
  const inHubspot = (firstname: string | null, second: number) => ({
    id: '7',
    properties: { firstname },
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: `2026-01-01T00:00:0${second}Z`,
    archived: false,
  })
  const arrives = (lead: LeadDocument, firstname: string | null, second: number) =>
    planLead(lead, inHubspot(firstname, second), { partnerId, portalId }, context).next
  const answered = (lead: LeadDocument, before: LeadDocument) =>
    afterWrite(
      kinds.lead,
      lead,
      {
        portalId,
        sent: { firstname: 'Zoe' },
        before: before.base ?? {},
        object: inHubspot('Zoe', 1),
      },
      { ...context, contacts: [] },
    )
  /** Agreed to have no name, named here, and about to be written */
  const claimed: LeadDocument = {
    ...newLead(partnerId, { firstName: 'Zoe' }, at),
    portal_id: portalId,
    hubspot_id: '7',
    base: { firstname: null },
    remote: { firstname: null },
    hubspot_modified_at: at,
    dirty: true,
  }
  const sent: LeadDocument = {
    ...claimed,
    sending: sendingNow(
      claimed,
      { properties: { firstname: 'Zoe' }, associations: { add: [], remove: [] } },
      at,
    ),
  }

  it('is not repeated over a value that somebody cleared there since', () => {
    const cleared = arrives(sent, null, 2)
    const { values, base, dirty } = answered(cleared, claimed)
    expect([values.firstName, base?.firstname, dirty]).toEqual([null, null, false])
  })

  it('leaves an edit that was made here after the clearing was seen', () => {
    const seen = arrives(arrives(sent, 'Zoe', 1), null, 2)
    expect(seen.values.firstName).toBeNull()
    const edited = { ...seen, values: { ...seen.values, firstName: 'Ada' }, dirty: true }
    const { values, base, dirty } = answered(edited, claimed)
    expect([values.firstName, base?.firstname, dirty]).toEqual(['Ada', null, true])
  })

  it('and whose answer was lost is known by what came back, also after another update', () => {
    const lost = { ...sent, values: { ...sent.values, firstName: null, company: 'Mill' } }
    const another = sendingNow(
      lost,
      { properties: { company: 'Mill' }, associations: { add: [], remove: [] } },
      at,
    )
    // The name that was taken back here is ours there: it is to be cleared, and not taken over.
    const { values, dirty } = arrives({ ...lost, sending: another }, 'Zoe', 1)
    expect([values.firstName, dirty]).toEqual([null, true])
  })
})
