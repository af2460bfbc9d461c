import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { newDeal } from '../../../server/records/blank'
import { sendingNow, withOwnAssociations } from '../../../server/records/own-write'

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
})
