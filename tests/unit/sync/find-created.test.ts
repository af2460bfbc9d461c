import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { newLead } from '../../../server/records/blank'
import { isMadeBy, signsOf } from '../../../server/sync/outbound/find-created'

const sentAt = new Date('2026-06-01T12:00:00.000Z')

/** A lead whose create had no answer. */
function createOf(sent: Record<string, string>) {
  const create_intent = { id: 'one', at: sentAt, sent, contacts: [] }
  const record = { ...newLead(new ObjectId(), {}, sentAt), create_intent }
  const associations = { add: [], remove: [] }
  return { record, action: 'create' as const, properties: sent, fields: [], associations }
}
const contact = (properties: Record<string, string | null>, createdAt = sentAt.toISOString()) => ({
  id: '1',
  properties,
  createdAt,
  updatedAt: createdAt,
  archived: false,
})

describe('what a create made whose answer was lost', () => {
  it('is found by its name, and else by what was sent besides', () => {
    const named = { firstname: 'Ada', phone: '1' }
    expect(signsOf('contacts', createOf(named))).toEqual({ firstname: 'Ada' })
    expect(signsOf('contacts', createOf({ phone: '1', jobtitle: 'x' }))).toEqual({ phone: '1' })
    expect(isMadeBy('contacts', createOf(named), contact({ firstname: 'Ada' }))).toBe(true)
    expect(isMadeBy('contacts', createOf(named), contact({ firstname: 'Bob' }))).toBe(false)
    const early = contact({ firstname: 'Ada' }, '2026-06-01T11:00:00.000Z')
    expect(isMadeBy('contacts', createOf(named), early)).toBe(false)
  })

  it('is not the next best nameless contact where nothing was sent to tell it by', () => {
    for (const sent of [{}, { jobtitle: 'Engineer' }] as Record<string, string>[]) {
      expect(signsOf('contacts', createOf(sent))).toEqual({})
      expect(isMadeBy('contacts', createOf(sent), contact({ email: 'p@x.test' }))).toBe(false)
    }
  })
})
