import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dealStages, type DealStage } from '#shared/leads/stages'
import { findDrift, knownStages, pauseDrifted } from '../../server/mapping/stage-drift'
import type { HubspotPipeline } from '../../server/hubspot/crm-types'
import { suggestStages } from '../../server/mapping/suggestions'
import { present } from '../support/present'

type Given = [label: string, probability: number | null, closed?: 'won' | 'lost']

/** Ids say nothing, as in a pipeline that somebody made. */
function aPipeline(stages: Given[], id = '999'): HubspotPipeline {
  return {
    id,
    label: 'Any',
    displayOrder: 0,
    archived: false,
    stages: stages.map(([label, probability, closed], index) => ({
      id: String(index),
      label,
      displayOrder: index,
      archived: false,
      probability,
      isClosed: closed !== undefined,
      isWon: closed === 'won',
      isReadOnly: false,
    })),
  }
}

const suggested = (stages: Given[]) =>
  suggestStages([aPipeline(stages)], []).map(entry => entry.stage)

describe('suggestions', () => {
  it("read HubSpot's own pipeline", () => {
    expect(
      suggested([
        ['Appointment Scheduled', 0.2],
        ['Qualified To Buy', 0.4],
        ['Presentation Scheduled', 0.6],
        ['Decision Maker Bought-In', 0.8],
        ['Contract Sent', 0.9],
        ['Closed Won', 1, 'won'],
        ['Closed Lost', 0, 'lost'],
      ]),
    ).toEqual(['contacted', 'qualified', 'proposal', 'proposal', 'proposal', 'won', 'lost'])
  })

  it.each<[Given, DealStage]>([
    [['New lead', 0.1], 'new'],
    [['Neu', 0.1], 'new'],
    [['Erstkontakt', 0.2], 'contacted'],
    [['First contact', null], 'contacted'],
    [['Discovery call', 0.3], 'qualified'],
    [['Angebot verschickt', 0.7], 'proposal'],
    [['Negotiation', 0.9], 'proposal'],
    [['Anything', 1, 'won'], 'won'],
    [['Proposal rejected', 0, 'lost'], 'lost'],
    [['Unqualified', 0], 'lost'],
    [['Stage 1', 0.05], 'new'],
    [['Stage 2', 0.3], 'contacted'],
    [['Stage 3', 0.5], 'qualified'],
    [['Stage 4', 0.9], 'proposal'],
  ])('%j is %s', (stage, expected) => {
    expect(suggested([stage])).toEqual([expected])
  })

  it('can always be accepted: every stage once, one to write back to for each of ours', () => {
    const stage = fc.tuple(
      fc.oneof(
        fc.string(),
        fc.constantFrom('New', 'Contacted', 'Qualified', 'Offer', 'Won', 'Lost'),
      ),
      fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      fc.constantFrom(undefined, 'won' as const, 'lost' as const),
    )
    fc.assert(
      fc.property(fc.array(stage, { maxLength: 12 }), fc.nat(11), (stages, taken) => {
        const pipeline = aPipeline(
          stages.map(([label, probability, closed]) =>
            closed ? [label, probability, closed] : [label, probability],
          ),
        )
        const mapped =
          taken < stages.length
            ? [
                {
                  pipelineId: '999',
                  stageId: String(taken),
                  stage: 'new' as const,
                  writeBack: true,
                },
              ]
            : []
        const all = [...mapped, ...suggestStages([pipeline], mapped)]
        expect(all.map(entry => entry.stageId).sort()).toEqual(
          pipeline.stages.map(one => one.id).sort(),
        )
        for (const ours of dealStages)
          expect(
            all.filter(entry => entry.stage === ours && entry.writeBack).length,
          ).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('drift', () => {
  const before = [
    aPipeline([
      ['One', 0.1],
      ['Two', 0.2],
      ['Three', 0.3],
    ]),
  ]
  const known = knownStages(before)
  const mapping = known.map(({ pipeline_id, stage_id, label }) => ({
    pipeline_id,
    stage_id,
    stage: 'new' as const,
    write_back: false,
    label,
    paused: false,
  }))
  const at = new Date(1)

  it('is none while nothing changes, whatever the order', () => {
    const shuffled = [{ ...present(before[0]), stages: [...present(before[0]).stages].reverse() }]
    expect(
      findDrift({ known_stages: known, mapping: [], drift: [] }, shuffled, new Set(), at),
    ).toEqual([])
  })

  it('names what changed, remembers since when, and pauses only that; what is put back goes on', () => {
    const after = [
      aPipeline([
        ['One', 0.1],
        ['Zwei', 0.2],
      ]),
    ]
    const drift = findDrift(
      { known_stages: known, mapping: [], drift: [] },
      after,
      new Set(['999:2']),
      at,
    )
    expect(drift.map(({ stage_id, kind }) => [stage_id, kind])).toEqual([
      ['1', 'renamed'],
      ['2', 'archived'],
    ])
    expect(
      findDrift(
        { known_stages: known, mapping: [], drift },
        after,
        new Set(['999:2']),
        new Date(2),
      ).map(one => one.since),
    ).toEqual([at, at])
    expect(pauseDrifted(mapping, drift).map(entry => entry.paused)).toEqual([false, true, true])
    expect(
      pauseDrifted(
        pauseDrifted(mapping, drift),
        findDrift({ known_stages: known, mapping: [], drift }, before, new Set(), new Date(3)),
      ),
    ).toEqual(mapping)
  })
})
