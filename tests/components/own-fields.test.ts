import { afterEach, beforeEach, expect, test } from 'vitest'
import AppOwnFields from '../../components/app/AppOwnFields.vue'
import LeadsForm from '../../components/leads/LeadsForm.vue'
import LeadsTimeline from '../../components/leads/LeadsTimeline.vue'
import { useOwnFields } from '../../composables/useOwnFields'
import type { Field } from '#shared/contracts/fields'
import { texts } from '#shared/texts/en'
import { fromLocalInput, readableValue, toLocalInput } from '../../utils/own-values'
import { rebaseFields } from '../../utils/field-mapping'
import { readOptions } from '../../utils/field-options'
import { render, violations } from './mount'
import { aLead } from './builders'

const options = [
  { value: 'a', label: 'First' },
  { value: 'b', label: 'Second' },
]
const field = (key: string, type: Field['type'], over: Partial<Field> = {}): Field => ({
  id: '64b7c0000000000000000001',
  object: 'lead',
  key,
  label: `My ${key}`,
  type,
  options: type.startsWith('choice') ? options : [],
  property: null,
  direction: 'both',
  policy: 'hubspot_wins',
  ...over,
})
const all = [
  field('budget', 'number'),
  field('renewal', 'date'),
  field('called', 'datetime'),
  field('vip', 'boolean'),
  field('segment', 'choice'),
  field('tags', 'choices'),
  field('remark', 'text'),
]

beforeEach(() => {
  useOwnFields().fields.value = { items: all, nextCursor: null, total: all.length, deleted: [] }
})
afterEach(() => {
  document.body.innerHTML = ''
  useOwnFields().fields.value = null
})

test('each type has its input, choices show labels and store values', async () => {
  const values = {
    budget: '5',
    renewal: null,
    called: null,
    vip: true,
    segment: 'gone',
    tags: ['a'],
  }
  const form = render(AppOwnFields, { fields: all, values, wrong: { budget: 'must be a number.' } })
  expect(form.get('[name="fields.budget"]').attributes('inputmode')).toBe('decimal')
  expect(form.get('[name="fields.renewal"]').attributes('type')).toBe('date')
  expect(form.get('[name="fields.called"]').attributes('type')).toBe('datetime-local')
  expect(form.text()).toContain('must be a number.')
  const [vip, segment] = form.findAll('select')
  // A choice that HubSpot does not offer any more stays, and can be seen.
  expect(segment?.findAll('option').map(option => option.text())).toEqual([
    texts.leads.noValue,
    'gone',
    'First',
    'Second',
  ])
  await vip?.setValue('false')
  await segment?.setValue('b')
  const [first, second] = form.findAll('input[type=checkbox]')
  await second?.setValue(true)
  await first?.setValue(false)
  expect(form.emitted('set')).toEqual([
    ['vip', false],
    ['segment', 'b'],
    ['tags', ['a', 'b']],
    ['tags', []],
  ])
  expect(await violations()).toEqual([])
})

test('a form sends only the own fields that differ, and shows what the server refused', async () => {
  const lead = aLead({
    fields: { budget: '5', renewal: '2026-12-31', vip: null, segment: 'a', tags: ['b', 'a'] },
  })
  const form = render(LeadsForm, { lead })
  await form.get('[name="fields.budget"]').setValue(' 7 ')
  await form.get('[name="fields.remark"]').setValue('x')
  await form.get('[name="fields.remark"]').setValue('')
  await form.get('form').trigger('submit')
  expect(form.emitted('submit')).toEqual([[{ fields: { budget: '7' } }]])
  await form.setProps({
    problem: {
      title: 'Check',
      next: '',
      issues: [{ path: 'fields.budget', message: 'must be a number' }],
    },
  })
  expect(form.text()).toContain('must be a number.')
})

test('an own field that others changed meanwhile comes in, and asks only where both did', async () => {
  const fields = { budget: '5', remark: 'old', segment: 'a', tags: [] }
  const form = render(LeadsForm, { lead: aLead({ fields }) })
  const input = (key: string) => form.get<HTMLInputElement>(`[name="fields.${key}"]`)
  await input('budget').setValue('7')
  const stored = { ...fields, budget: '9', remark: 'new' }
  await form.setProps({ lead: aLead({ fields: stored, revision: 2 }) })
  expect([input('budget').element.value, input('remark').element.value]).toEqual(['7', 'new'])
  expect(form.text()).toContain(texts.common.meanwhile.changed('My budget', '9'))
  await form.get('form').trigger('submit')
  expect(form.emitted('submit')).toBeUndefined()
  await form.get('[data-meanwhile="fields.budget"] button').trigger('click')
  await form.get('form').trigger('submit')
  expect(form.emitted('submit')).toEqual([[{ fields: { budget: '7' } }]])
  await form.setProps({ lead: aLead({ fields: { ...stored, budget: '7' }, revision: 3 }) })
  expect(form.find('[data-meanwhile]').exists()).toBe(false)
})

test('what others changed in an own field is said in words', async () => {
  const fields = { vip: null, tags: ['a'], renewal: null }
  const form = render(LeadsForm, { lead: aLead({ fields }) })
  await form.findAll('select').at(-2)?.setValue('true')
  await form.findAll('input[type=checkbox]')[0]?.setValue(false)
  await form.get('[name="fields.renewal"]').setValue('2026-01-02')
  await form.setProps({
    lead: aLead({ fields: { vip: false, tags: ['a', 'b'], renewal: '2026-12-31' }, revision: 2 }),
  })
  const { changed } = texts.common.meanwhile
  for (const said of [
    changed('My vip', texts.leads.own.no),
    changed('My tags', 'First, Second'),
    changed('My renewal', 'Dec 31, 2026'),
  ])
    expect(form.text()).toContain(said)
})

test('the history of a record names own fields and reads their values', () => {
  const timeline = render(LeadsTimeline, {
    entries: [
      {
        id: '1',
        at: '2026-11-24T10:00:00Z',
        side: 'ours',
        kind: 'edited',
        by: { email: 'anna@example.com' },
        fields: [{ field: 'segment', from: 'a', to: 'b', rule: null }],
      },
    ],
    nextTryAt: null,
    loading: false,
    failed: false,
    hasOlder: false,
  })
  const said = timeline.text()
  expect(said).toContain('My segment')
  expect(said).toContain('First')
  expect(said).toContain('Second')
})

test('stored texts are read by their type', () => {
  const words = { day: (day: string) => `day ${day}`, instant: () => 'at', yes: 'Yes', no: 'No' }
  const read = (type: Field['type'], text: string) => readableValue({ type, options }, text, words)
  expect([
    read('choice', 'a'),
    read('choice', 'gone'),
    read('choices', 'b;a'),
    read('boolean', 'true'),
    read('date', '2026-01-02'),
    read('date', 'soon'),
    read('datetime', '2026-01-02T03:04:05.000Z'),
    read('number', '1.50'),
  ]).toEqual(['First', 'gone', 'Second, First', 'Yes', 'day 2026-01-02', 'soon', 'at', '1.50'])
})

test('an instant survives the browser’s own field', () => {
  const at = '2026-11-24T10:30:00.000Z'
  expect(fromLocalInput(toLocalInput(at))).toBe(at)
  expect([toLocalInput(null), fromLocalInput('')]).toEqual(['', null])
})

test('saving a mapping keeps what others added meanwhile', () => {
  const entry = (name: string, property = name) => ({
    object: 'lead' as const,
    field: name,
    property,
    direction: 'both' as const,
    policy: 'hubspot_wins' as const,
  })
  const saved = [entry('email'), entry('phone'), entry('company')]
  const draft = [entry('email'), entry('phone', 'mobilephone')]
  const fresh = [entry('email', 'work_email'), entry('phone'), entry('company'), entry('budget')]
  expect(rebaseFields(saved, draft, fresh)).toEqual([
    entry('email', 'work_email'),
    entry('phone', 'mobilephone'),
    entry('budget'),
  ])
})

test('choices are typed one a line, and no two are the same', () => {
  expect(readOptions(' Red \n\nBlue; dark\nRed\n')).toEqual([
    { value: 'Red', label: 'Red' },
    { value: 'Blue  dark', label: 'Blue; dark' },
  ])
})
