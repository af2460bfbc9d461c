import { afterEach, describe, expect, test } from 'vitest'
import MappingFields from '../../components/mapping/MappingFields.vue'
import MappingPipeline from '../../components/mapping/MappingPipeline.vue'
import { useDraft } from '../../composables/useDraft'
import type { Pipeline, Property, StageMappingEntry } from '#shared/contracts/mapping'
import {
  acceptSuggestions,
  chooseWriteBack,
  countStageChanges,
  mapStage,
  unmappedDeals,
} from '../../utils/stage-mapping'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

const entry = (
  stageId: string,
  stage: StageMappingEntry['stage'],
  writeBack: boolean,
): StageMappingEntry => ({ pipelineId: 'p', stageId, stage, writeBack })
const pipeline: Pipeline = {
  id: 'p',
  label: 'Sales',
  stages: [
    {
      id: 'a',
      label: 'First talk',
      probability: 0.2,
      isClosed: false,
      isWon: false,
      writable: true,
      dealCount: 4,
    },
    {
      id: 'b',
      label: 'Offer',
      probability: 0.6,
      isClosed: false,
      isWon: false,
      writable: true,
      dealCount: 7,
    },
    {
      id: 'c',
      label: 'Signed',
      probability: 1,
      isClosed: true,
      isWon: true,
      writable: true,
      dealCount: 0,
    },
  ],
}

describe('which stage is written back to', () => {
  test('the first of several is, and when it leaves the next takes its place', () => {
    const two = mapStage(
      mapStage([], { pipelineId: 'p', stageId: 'a' }, 'new'),
      { pipelineId: 'p', stageId: 'b' },
      'new',
    )
    expect(two).toEqual([entry('a', 'new', true), entry('b', 'new', false)])
    expect(mapStage(two, { pipelineId: 'p', stageId: 'a' }, 'won')).toEqual([
      entry('b', 'new', true),
      entry('a', 'won', true),
    ])
  })

  test('there is never more than one for each of ours in a pipeline', () => {
    const chosen = chooseWriteBack(
      [entry('a', 'new', true), entry('b', 'new', false)],
      entry('b', 'new', false),
      true,
    )
    expect(chosen).toEqual([entry('a', 'new', false), entry('b', 'new', true)])
  })

  test('suggestions fill only what is open', () => {
    const accepted = acceptSuggestions(
      [entry('a', 'won', true)],
      [entry('a', 'new', true), entry('b', 'proposal', false), entry('c', 'won', true)],
    )
    expect(accepted).toEqual([
      entry('a', 'won', true),
      entry('c', 'won', false),
      entry('b', 'proposal', true),
    ])
  })

  test('deals of stages without a mapping are counted', () => {
    expect(unmappedDeals([pipeline], [entry('a', 'new', true)])).toBe(7)
  })
})

test('undo and redo walk through the edits, and the count follows', () => {
  const draft = useDraft<StageMappingEntry[]>(countStageChanges)
  draft.load([entry('a', 'new', true)])
  draft.edit([entry('a', 'won', true)])
  draft.edit([entry('a', 'won', true), entry('b', 'lost', true)])
  expect(draft.changes.value).toBe(2)
  draft.undo()
  expect(draft.changes.value).toBe(1)
  draft.undo()
  expect(draft.isDirty.value).toBe(false)
  draft.redo()
  expect(draft.current.value).toEqual([entry('a', 'won', true)])
})

describe('the editor', () => {
  test('a suggestion is one click', async () => {
    const editor = render(MappingPipeline, {
      pipeline,
      mapping: [entry('a', 'new', true)],
      suggestions: [entry('b', 'proposal', true)],
      drift: [],
      readOnly: false,
    })
    await editor.get('tbody button').trigger('click')
    expect(editor.emitted('map')).toEqual([['b', 'proposal']])
    expect(await violations()).toEqual([])
  })

  test('who may not change it can still read it', () => {
    const editor = render(MappingPipeline, {
      pipeline,
      mapping: [entry('a', 'new', true)],
      suggestions: [entry('b', 'proposal', true)],
      drift: [],
      readOnly: true,
    })
    expect(
      editor.findAll('select').every(select => select.attributes('disabled') !== undefined),
    ).toBe(true)
    expect(editor.find('tbody button').exists()).toBe(false)
  })

  test('a field shows what its property holds, as text', async () => {
    const properties: Property[] = [
      {
        name: 'dealname',
        label: 'Deal name',
        type: 'string',
        fieldType: 'text',
        writable: true,
        options: [],
      },
    ]
    const fields = [
      {
        object: 'deal',
        field: 'name',
        property: 'dealname',
        direction: 'both',
        policy: 'hubspot_wins',
      },
    ]
    const editor = render(MappingFields, {
      object: 'deal',
      fields,
      properties,
      samples: { dealname: ['<b>Big</b>', 'Small'], other: ['unseen'] },
      readOnly: false,
    })
    expect(editor.findAll('q').map(sample => sample.text())).toEqual(['<b>Big</b>', 'Small'])
    expect(await violations()).toEqual([])
  })

  test('a read-only property only travels here', async () => {
    const properties: Property[] = [
      {
        name: 'createdate',
        label: 'Create date',
        type: 'datetime',
        fieldType: 'date',
        writable: false,
        options: [],
      },
    ]
    const editor = render(MappingFields, {
      object: 'deal',
      fields: [],
      properties,
      readOnly: false,
    })
    const select = editor.get('tbody select')
    await select.trigger('focusin')
    await select.setValue('createdate')
    expect(editor.emitted('change')?.[0]).toEqual([
      { object: 'deal', field: 'name' },
      {
        object: 'deal',
        field: 'name',
        property: 'createdate',
        direction: 'in',
        policy: 'latest_wins',
      },
    ])
    expect(await violations()).toEqual([])
  })
})
