import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { HistoryEntryDocument } from '../../../server/database/documents'
import { newLead } from '../../../server/records/blank'
import type { FieldRule } from '../../../server/records/merge-field'
import { planUndo } from '../../../server/records/plan-undo'

const now = new Date('2026-06-01T12:00:00.000Z')
const rule: FieldRule = {
  field: 'company',
  property: 'company',
  direction: 'both',
  policy: 'fill_if_empty',
  kind: 'text',
  type: 'string',
  zone: 'UTC',
}

/** What the undo of an edit from one company to another makes of a lead. */
function undone(from: string | null, remote: string | null) {
  const record = {
    ...newLead(new ObjectId(), { company: 'Wrong' }, now),
    remote: { company: remote },
  }
  const fields = [{ field: 'company', from, to: 'Wrong', rule: null }]
  const entry: HistoryEntryDocument = {
    _id: new ObjectId(),
    at: now,
    side: 'ours',
    kind: 'edited',
    by: null,
    fields,
  }
  return planUndo(record, [entry], [rule])
}

describe('the undo of an edit of a field that is only filled if it is empty', () => {
  it('leaves what filled HubSpot as it is, and says so: no clearing travels there', () => {
    const plan = undone(null, 'Wrong')
    expect(plan.action).toBe('none')
    expect(plan.skipped).toEqual([
      expect.stringMatching(/^company: .*Clear it here and in HubSpot/),
    ])
  })

  it('takes back what has not reached HubSpot, and what stood here before', () => {
    const changeTo = (after: string | null) => [{ field: 'company', now: 'Wrong', after }]
    expect(undone(null, null).changes).toEqual(changeTo(null))
    expect(undone('Right', 'Right').changes).toEqual(changeTo('Right'))
  })
})
