import { afterEach, describe, expect, test, vi } from 'vitest'
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
import MappingAddField from '../../components/mapping/MappingAddField.vue'
import MappingDeletedFields from '../../components/mapping/MappingDeletedFields.vue'
import MappingOwnField from '../../components/mapping/MappingOwnField.vue'
import MappingPreviewRecord from '../../components/mapping/MappingPreviewRecord.vue'
import MappingPropertyPicker from '../../components/mapping/MappingPropertyPicker.vue'
import MappingRehearsal from '../../components/mapping/MappingRehearsal.vue'
import type { Rehearsal } from '#shared/contracts/rehearsal'
import MappingStages from '../../components/mapping/MappingStages.vue'
import MappingVersions from '../../components/mapping/MappingVersions.vue'
import type { Field } from '#shared/contracts/fields'
import type { MappingVersion } from '#shared/contracts/mapping-versions'
import { entriesByPipeline } from '../../utils/stage-summary'
import { texts } from '#shared/texts/en'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

const options = [
  { value: 'a', label: 'First' },
  { value: 'b', label: 'Second' },
]
const property = (over: Partial<Property>): Property => ({
  name: 'budget',
  label: over.name ?? 'Budget',
  type: 'string',
  fieldType: 'text',
  writable: true,
  options: [],
  ...over,
})
const ownField = (over: Partial<Field>): Field => ({
  id: '64b7c0000000000000000001',
  object: 'lead',
  key: 'budget',
  label: 'Budget',
  type: 'text',
  options: [],
  property: 'budget',
  direction: 'both',
  policy: 'hubspot_wins',
  ...over,
})
const label = (field: string, name: string, paused: string | null) => ({
  object: 'deal',
  field,
  property: name,
  label: name,
  editable: true,
  paused,
  options: [],
})
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
    expect(await violations()).toEqual([])
    await editor.get('tbody [aria-haspopup=dialog]').trigger('click')
    await vi.waitFor(() => expect(document.querySelector('[role=dialog] ul button')).not.toBeNull())
    document.querySelector<HTMLElement>('[role=dialog] ul button')?.click()
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
  })

  test('a field whose property changed says that it pauses, alone', async () => {
    const editor = render(MappingFields, {
      object: 'deal',
      fields: [
        {
          object: 'deal',
          field: 'name',
          property: 'dealname',
          direction: 'both',
          policy: 'hubspot_wins',
        },
        {
          object: 'deal',
          field: 'budget',
          property: 'budget',
          direction: 'both',
          policy: 'hubspot_wins',
        },
      ],
      properties: [],
      own: [ownField({ object: 'deal' })],
      labels: [label('name', 'dealname', null), label('budget', 'budget', 'retyped')],
      readOnly: false,
    })
    const said = editor.findAll('[role=status]').map(one => one.text())
    expect(said).toEqual([texts.mapping.fields.paused.retyped])
    expect(await violations()).toEqual([])
  })

  test('samples are shown as people read them', () => {
    const editor = render(MappingFields, {
      object: 'lead',
      fields: ['segment', 'tags', 'renewal'].map(name => ({
        object: 'lead',
        field: name,
        property: name,
        direction: 'both',
        policy: 'hubspot_wins',
      })),
      own: ['segment', 'tags', 'renewal'].map(key => ownField({ key, label: key })),
      properties: [
        property({ name: 'segment', type: 'enumeration', fieldType: 'select', options }),
        property({ name: 'tags', type: 'enumeration', fieldType: 'checkbox', options }),
        property({ name: 'renewal', type: 'date', fieldType: 'date' }),
      ],
      samples: { segment: ['a'], tags: ['a;b'], renewal: ['2026-11-24', '1795478400000'] },
      readOnly: true,
    })
    expect(editor.findAll('q').map(sample => sample.text())).toEqual([
      'First',
      'First, Second',
      'Nov 24, 2026',
      'Nov 24, 2026',
    ])
  })
})

test('a sample of an instant is shown in the account’s time zone, as HubSpot shows it', () => {
  const connection = useState<unknown>('hubspot-connection', () => null)
  const shownIn = (timeZone: string) => {
    connection.value = { account: { timeZone } }
    const editor = render(MappingFields, {
      object: 'deal',
      fields: [
        {
          object: 'deal',
          field: 'closeDate',
          property: 'closedate',
          direction: 'both',
          policy: 'hubspot_wins',
        },
      ],
      own: [],
      properties: [property({ name: 'closedate', type: 'datetime', fieldType: 'date' })],
      samples: { closedate: ['2027-01-01T03:30:00Z'] },
      readOnly: true,
    })
    const text = editor.find('q').text()
    editor.unmount()
    return text
  }
  expect(shownIn('America/New_York')).toContain('Dec 31, 2026')
  expect(shownIn('Asia/Tokyo')).toContain('Jan 1, 2027')
  expect(shownIn('Nowhere/Land')).toContain('202')
  connection.value = null
})

describe('thirty pipelines of fifteen stages', () => {
  const pipelines: Pipeline[] = Array.from({ length: 30 }, (_, index) => ({
    id: `p${index}`,
    label: `Pipeline ${index}`,
    stages: Array.from({ length: 15 }, (_, place) => ({
      id: `s${place}`,
      label: place === 3 && index === 7 ? 'Legal review' : `Stage ${place}`,
      probability: 0.5,
      isClosed: false,
      isWon: false,
      writable: true,
      dealCount: 1,
    })),
  }))
  const mappingOf = (stages: number): StageMappingEntry[] =>
    pipelines.flatMap(({ id }) =>
      Array.from({ length: stages }, (_, place) => ({
        pipelineId: id,
        stageId: `s${place}`,
        stage: 'new' as const,
        writeBack: place === 0,
      })),
    )

  test('stand folded: what is not looked at has no selects', async () => {
    const editor = render(MappingStages, {
      pipelines,
      mapping: mappingOf(14),
      suggestions: [],
      drift: [],
      readOnly: false,
    })
    expect(editor.findAll('select')).toHaveLength(0)
    const [first] = editor.findAll('[aria-expanded]')
    expect(first?.text()).toContain(texts.mapping.stages.about('15', '15', '1'))
    await first?.trigger('click')
    expect(editor.findAll('select')).toHaveLength(15)
    await editor.get('select').setValue('won')
    expect(editor.emitted('map')).toEqual([['p0', 's0', 'won']])
    expect(await violations()).toEqual([])
  })

  test('are found by a stage, and the only one found stands open', async () => {
    const editor = render(MappingStages, {
      pipelines,
      mapping: mappingOf(15),
      suggestions: [],
      drift: [],
      readOnly: false,
    })
    await editor.get('input[type=search]').setValue('legal')
    expect(editor.findAll('[aria-expanded]').map(one => one.text().slice(0, 10))).toEqual([
      'Pipeline 7',
    ])
    expect(editor.findAll('select')).toHaveLength(15)
    await editor.get('input[type=search]').setValue('')
    await editor.get('input[type=checkbox]').setValue(true)
    expect(editor.findAll('[aria-expanded]')).toHaveLength(0)
  })

  test('a change leaves the entries of all other pipelines as they are', () => {
    const before = mappingOf(15)
    const grouped = entriesByPipeline(before)
    const changed = mapStage(before, { pipelineId: 'p3', stageId: 's5' }, 'lost')
    const after = entriesByPipeline(changed, grouped)
    const differing = pipelines.filter(({ id }) => after.get(id) !== grouped.get(id))
    expect(differing.map(({ id }) => id)).toEqual(['p3'])
  })
})

describe('a mapping that is tried out', () => {
  test('is told in sentences with records to open', async () => {
    const rehearsal: Rehearsal = {
      examined: { leads: 1200, deals: 300 },
      complete: true,
      since: '2026-10-25T00:00:00.000Z',
      sentences: [
        {
          object: 'deal',
          effect: 'changes_here',
          field: 'stage',
          count: 41,
          message: '41 deals would move to another stage here.',
          byHand: 'Changed here by hand: 3 by anna@example.com, last on Monday 25 May.',
          records: [{ id: '64b7c0000000000000000005', label: 'Big deal', from: 'New', to: 'Won' }],
        },
      ],
    }
    const part = render(MappingRehearsal, {
      rehearsal: null,
      isOutdated: false,
      isWritingBack: false,
      busy: false,
    })
    const [mapping, writeBack] = part.findAll('button')
    await mapping?.trigger('click')
    await writeBack?.trigger('click')
    expect(part.emitted('rehearse')).toEqual([[null], [true]])
    await part.setProps({ rehearsal, isOutdated: true })
    expect(part.text()).toContain('41 deals would move')
    expect(part.text()).toContain('3 by anna@example.com')
    expect(part.text()).toContain(texts.mapping.rehearsal.more('40'))
    expect(part.text()).toContain(texts.mapping.rehearsal.outdated)
    expect(part.get('a').attributes('href')).toBe('/leads?view=deals&open=64b7c0000000000000000005')
    expect(await violations()).toEqual([])
    await part.setProps({ rehearsal: { ...rehearsal, sentences: [] } })
    expect(part.text()).toContain(texts.mapping.rehearsal.nothing)
  })

  test('shows on each row what would happen to the record that was chosen', async () => {
    const row = (over: object) => ({
      field: 'name',
      property: 'dealname',
      hubspot: 'Theirs',
      isRead: true,
      ours: 'Ours',
      after: 'Theirs',
      decision: 'took_hubspot',
      rule: 'hubspot_wins',
      ...over,
    })
    const editor = render(MappingFields, {
      object: 'deal',
      fields: [
        {
          object: 'deal',
          field: 'name',
          property: 'dealname',
          direction: 'both',
          policy: 'hubspot_wins',
        },
      ],
      properties: [],
      preview: [row({})],
      readOnly: false,
    })
    const said = () => editor.get('dl').text()
    expect(said()).toContain('Theirs')
    expect(said()).toContain(texts.mapping.preview.becomes('Theirs'))
    await editor.setProps({
      preview: [row({ hubspot: null, isRead: false, after: 'Ours', decision: 'kept' })],
    })
    expect(said()).toContain(texts.mapping.preview.notRead)
    expect(await violations()).toEqual([])
  })

  test('finds the record by its name', async () => {
    const chooser = render(MappingPreviewRecord, {
      object: 'lead',
      label: null,
      found: [{ id: '1', label: 'Ada Lovelace' }],
      busy: false,
    })
    await chooser.get('input').setValue('ada')
    await chooser.get('form').trigger('submit')
    expect(chooser.emitted('search')).toEqual([['ada']])
    await chooser.get('li button').trigger('click')
    expect(chooser.emitted('choose')).toEqual([['1']])
    expect(await violations()).toEqual([])
    await chooser.setProps({ label: 'Ada Lovelace' })
    expect(chooser.text()).toContain(texts.mapping.preview.shows('Ada Lovelace'))
  })
})

describe('earlier mappings', () => {
  const version = (over: Partial<MappingVersion>): MappingVersion => ({
    id: '64b7c0000000000000000002',
    kind: 'fields',
    at: '2026-11-24T10:00:00.000Z',
    by: { id: '64b7c0000000000000000003', email: 'anna@example.com' },
    changes: ['The lead field “Company” syncs only from HubSpot instead of both ways.'],
    current: false,
    ...over,
  })

  test('say who changed what, and go back one click, unless something is unsaved', async () => {
    const versions = [
      version({ current: true }),
      version({ id: '64b7c0000000000000000004', by: null, changes: [] }),
    ]
    const list = render(MappingVersions, { versions, readOnly: false, isDirty: false, busy: false })
    expect(list.text()).toContain(texts.mapping.versions.by('anna@example.com'))
    expect(list.text()).toContain('only from HubSpot instead of both ways')
    expect(list.text()).toContain(texts.mapping.versions.first)
    const [restore, another] = list.findAll('button')
    expect(another).toBeUndefined()
    await restore?.trigger('click')
    expect(list.emitted('restore')).toEqual([[versions[1]]])
    expect(await violations()).toEqual([])
    await list.setProps({ isDirty: true })
    expect(restore?.attributes('disabled')).toBeDefined()
  })
})

test('the list of properties finds all words of a search, and marks the chosen one', async () => {
  const list = render(MappingPropertyPicker, {
    properties: [
      property({ name: 'budget_year', label: 'Yearly budget' }),
      property({ name: 'budget', label: 'Budget', type: 'number' }),
      property({ name: 'city', label: 'City', writable: false }),
    ],
    chosen: 'budget',
  })
  await list.get('input').setValue('budget')
  expect(list.findAll('li').map(one => one.get('span span').text())).toEqual([
    'Budget',
    'Yearly budget',
  ])
  expect(list.get('[aria-current=true]').text()).toContain('number')
  await list.get('input').setValue('budget year')
  await list.get('li button').trigger('click')
  expect(list.emitted('pick')).toMatchObject([[{ name: 'budget_year' }]])
  expect(await violations()).toEqual([])
})

describe('own fields', () => {
  test('a HubSpot property becomes one in one click, found among 900', async () => {
    const many = Array.from({ length: 900 }, (_, index) =>
      property({ name: `p${index}`, label: `Property ${index}` }),
    )
    const dialog = render(MappingAddField, {
      open: true,
      object: 'lead',
      properties: [...many, property({ name: 'budget', label: 'Budget' })],
      problem: null,
      busy: false,
    })
    await vi.waitFor(() =>
      expect(document.querySelectorAll('[role=dialog] ul button').length).toBe(50),
    )
    const search = document.querySelector<HTMLInputElement>('[role=dialog] input[type=search]')
    if (!search) throw new Error('There is no search')
    search.value = 'budg'
    search.dispatchEvent(new Event('input'))
    await vi.waitFor(() =>
      expect(document.querySelectorAll('[role=dialog] ul button').length).toBe(1),
    )
    document.querySelector<HTMLElement>('[role=dialog] ul button')?.click()
    expect(dialog.emitted('add')).toEqual([[{ object: 'lead', property: 'budget' }]])
    expect(await violations()).toEqual([])
  })

  test('one of a type needs a name, and choices where it holds choices', async () => {
    const dialog = render(MappingAddField, {
      open: true,
      object: 'deal',
      properties: [],
      problem: null,
      busy: false,
    })
    await vi.waitFor(() => expect(document.querySelector('[role=dialog] form')).not.toBeNull())
    const form = document.querySelector<HTMLFormElement>('[role=dialog] form')
    const submit = () => form?.dispatchEvent(new Event('submit', { cancelable: true }))
    submit()
    await vi.waitFor(() =>
      expect(document.querySelector('[role=alert]')?.textContent).toBe(texts.mapping.own.needLabel),
    )
    const name = form?.querySelector('input')
    if (!name) throw new Error('There is no name')
    name.value = 'Budget'
    name.dispatchEvent(new Event('input'))
    submit()
    expect(dialog.emitted('add')).toEqual([[{ object: 'deal', label: 'Budget', type: 'text' }]])
  })

  test('deleting says what is lost before it is done', async () => {
    const field = ownField({})
    const dialog = render(MappingOwnField, { open: true, field, loss: null, busy: false })
    const button = (name: string) =>
      [...document.querySelectorAll<HTMLElement>('[role=dialog] button')].find(
        one => one.textContent?.trim() === name,
      )
    await vi.waitFor(() => expect(button(texts.mapping.own.ask)).toBeDefined())
    button(texts.mapping.own.ask)?.click()
    expect(dialog.emitted('ask')).toHaveLength(1)
    expect(button(texts.mapping.own.remove)).toBeUndefined()
    const message = '6 leads would lose their value of “Budget”.'
    await dialog.setProps({
      loss: { field, records: 6, deleted: false, restorableUntil: '', message },
    })
    expect(document.querySelector('[role=dialog]')?.textContent).toContain(message)
    button(texts.mapping.own.remove)?.click()
    expect(dialog.emitted('remove')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })

  test('what was deleted can be taken back', async () => {
    const gone = {
      ...ownField({}),
      deletedAt: '2026-11-01T00:00:00Z',
      restorableUntil: '2026-12-01T00:00:00Z',
    }
    const list = render(MappingDeletedFields, { fields: [gone], busy: false })
    await list.get('button').trigger('click')
    expect(list.emitted('restore')).toEqual([[gone]])
    expect(await violations()).toEqual([])
  })
})
