import fc from 'fast-check'
import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { dealStages } from '#shared/leads/stages'
import { newDeal } from '../../../server/records/blank'
import { createStageRules, mergeStage } from '../../../server/records/merge-stage'
import { kinds } from '../../../server/records/kinds'
import { mergeAssociations } from '../../../server/records/merge-associations'
import { mergeRecord } from '../../../server/records/merge-record'

const stage = fc.option(fc.constantFrom(...dealStages), { nil: null })

describe("a deal's stage", () => {
  it("merged again is the same, and HubSpot's own change is never written back", () => {
    fc.assert(
      fc.property(stage, stage, fc.option(stage, { nil: undefined }), (ours, base, mapped) => {
        const first = mergeStage({ stage: ours, stage_base: base }, mapped)
        const second = mergeStage({ stage: first.stage, stage_base: first.base }, mapped)
        expect([second.stage, second.base, second.isPending]).toEqual([
          first.stage,
          first.base,
          first.isPending,
        ])
        if (ours === base) expect(first.isPending).toBe(false)
      }),
    )
  })

  it("is left alone while its mapping is paused, and kept where HubSpot's stage means nothing to us", () => {
    expect(mergeStage({ stage: 'new', stage_base: 'new' }, undefined)).toMatchObject({
      stage: 'new',
      isPending: false,
    })
    expect(mergeStage({ stage: 'won', stage_base: 'new' }, null)).toMatchObject({
      stage: 'won',
      isPending: true,
    })
    expect(mergeStage({ stage: 'new', stage_base: 'new' }, null)).toMatchObject({
      stage: null,
      isPending: false,
    })
  })

  it("goes to the stage chosen in the deal's own pipeline", () => {
    const entry = (
      pipeline_id: string,
      stage_id: string,
      ours: (typeof dealStages)[number],
      write_back: boolean,
    ) => ({ pipeline_id, stage_id, stage: ours, write_back, label: null, paused: false })
    const stages = createStageRules([
      entry('a', 'a1', 'new', true),
      entry('a', 'a2', 'won', false),
      entry('a', 'a3', 'won', true),
      entry('b', 'b1', 'won', true),
    ])
    const deal = {
      ...newDeal(new ObjectId(), { name: 'D' }, new Date()),
      hubspot_id: '1',
      portal_id: '1',
      stage: 'won' as const,
      stage_base: 'new' as const,
      hubspot_pipeline_id: 'a',
      hubspot_stage_id: 'a1',
    }
    const context = { rules: [], stages, now: new Date() }
    expect(mergeRecord(kinds.deal, deal, null, context)).toMatchObject({
      writes: { dealstage: 'a3' },
      next: { dirty: true, sync: { state: 'pending' } },
    })
    expect(mergeRecord(kinds.deal, { ...deal, stage: 'lost' }, null, context)).toMatchObject({
      writes: {},
      next: { dirty: false, sync: { state: 'failed', error: { code: 'stage_not_mapped' } } },
    })
    // Two of HubSpot's stages mean the same here: moving between them there changes nothing here,
    // and nothing goes back.
    const moved = {
      ...deal,
      stage: 'won' as const,
      stage_base: 'won' as const,
      hubspot_stage_id: 'a3',
      remote: { pipeline: 'a', dealstage: 'a3' },
    }
    expect(
      mergeRecord(
        kinds.deal,
        moved,
        { properties: { pipeline: 'a', dealstage: 'a2' }, updatedAt: '2026-01-01T00:00:00.000Z' },
        context,
      ),
    ).toMatchObject({ writes: {}, next: { stage: 'won', hubspot_stage_id: 'a2', dirty: false } })
  })
})

describe("a deal's leads", () => {
  const leads = new Map(
    ['1', '2', '3', '4', '5'].map(id => [id, new ObjectId(id.padStart(24, '0'))]),
  )
  const some = fc.uniqueArray(fc.constantFrom(...leads.keys()), { maxLength: 5 })
  const idsOf = (contacts: string[]) => contacts.flatMap(id => leads.get(id) ?? [])
  const hex = (ids: ObjectId[]) => ids.map(id => id.toHexString()).sort()

  it('follow HubSpot while nobody edited them here', () => {
    fc.assert(
      fc.property(some, some, some, (before, known, after) => {
        // Whatever was taken for HubSpot's contacts: a tie that neither side wants does not stay
        // for ever.
        const deal = {
          ...newDeal(new ObjectId(), {}, new Date()),
          lead_ids: idsOf(before),
          hubspot_contact_ids: [...known].sort(),
        }
        const merged = mergeAssociations(deal, { remote: after, leads })
        expect([hex(merged.lead_ids), merged.associations_dirty]).toEqual([
          hex(idsOf(after)),
          false,
        ])
      }),
    )
  })

  it('keep what was edited here, take what changed there, and are the same when merged again', () => {
    fc.assert(
      fc.property(some, some, some, (base, ours, theirs) => {
        const deal = {
          ...newDeal(new ObjectId(), {}, new Date()),
          lead_ids: idsOf(ours),
          hubspot_contact_ids: [...base].sort(),
          associations_dirty: true,
        }
        const merged = mergeAssociations(deal, { remote: theirs, leads })
        const expected = [
          ...new Set([
            ...ours.filter(id => !(base.includes(id) && !theirs.includes(id))),
            ...theirs.filter(id => !base.includes(id)),
          ]),
        ]
        expect(hex(merged.lead_ids)).toEqual(hex(idsOf(expected)))
        expect(merged.associations_dirty).toBe(
          JSON.stringify([...expected].sort()) !== JSON.stringify([...theirs].sort()),
        )
        const again = mergeAssociations(merged, { remote: theirs, leads })
        expect([hex(again.lead_ids), again.associations_dirty]).toEqual([
          hex(merged.lead_ids),
          merged.associations_dirty,
        ])
      }),
    )
  })
})
