import { afterEach, describe, expect, test } from 'vitest'
import AppBrand from '../../components/app/AppBrand.vue'
import AppEmpty from '../../components/app/AppEmpty.vue'
import AppNotice from '../../components/app/AppNotice.vue'
import AppPage from '../../components/app/AppPage.vue'
import AppPager from '../../components/app/AppPager.vue'
import AppPill from '../../components/app/AppPill.vue'
import AppProblem from '../../components/app/AppProblem.vue'
import AppProgress from '../../components/app/AppProgress.vue'
import AppRecordForm from '../../components/app/AppRecordForm.vue'
import AppSection from '../../components/app/AppSection.vue'
import AppSelect from '../../components/app/AppSelect.vue'
import AppTabs from '../../components/app/AppTabs.vue'
import AppTime from '../../components/app/AppTime.vue'
import { texts } from '#shared/texts/en'
import { toProblem } from '../../utils/problem'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

const { common } = texts
const text = () => document.body.textContent ?? ''

describe('the frame of a page', () => {
  test('has one heading that can take the focus, an introduction, and its actions', async () => {
    render(
      AppPage,
      { title: 'Leads', intro: 'All of them' },
      { default: () => 'The list', actions: () => 'New lead' },
    )
    const heading = document.querySelector('h1')
    expect(heading?.textContent.trim()).toBe('Leads')
    expect(heading?.getAttribute('tabindex')).toBe('-1')
    for (const part of ['All of them', 'The list', 'New lead']) expect(text()).toContain(part)
    expect(await violations()).toEqual([])
  })

  test('names the product beside its sign', () => {
    expect(render(AppBrand).text()).toBe(common.product)
  })

  test('a section is named by its heading', async () => {
    const section = render(AppSection, { title: 'Fields', text: 'What is synced' })
    const label = section.get('section').attributes('aria-labelledby')
    expect(section.get('h2').attributes('id')).toBe(label)
    expect(section.get('h2').text()).toBe('Fields')
    expect(await violations()).toEqual([])
  })

  test('tabs are links, and the present page is marked', async () => {
    const tabs = render(AppTabs, {
      label: 'HubSpot',
      items: [
        { to: '/a', label: 'Connection', active: true },
        { to: '/b', label: 'Mapping', active: false },
      ],
    })
    expect(
      tabs.findAll('a').map(link => [link.attributes('href'), link.attributes('aria-current')]),
    ).toEqual([
      ['/a', 'page'],
      ['/b', undefined],
    ])
    expect(await violations()).toEqual([])
  })

  test('an empty list says why, and leads on', () => {
    render(
      AppEmpty,
      { icon: 'i-lucide-inbox', title: 'No leads', text: 'Connect first.' },
      { default: () => 'Connect' },
    )
    expect(text()).toMatch(/No leads.*Connect first\..*Connect$/)
  })
})

describe('a message', () => {
  test('that is urgent interrupts a screen reader, another one waits', () => {
    const notice = { tone: 'warning', title: 'Look at this' }
    expect(render(AppNotice, { ...notice, urgent: true }).attributes('role')).toBe('alert')
    expect(render(AppNotice, notice).attributes('role')).toBe('status')
  })

  test('is dismissed by its button, where it has one', async () => {
    const notice = render(AppNotice, { tone: 'info', title: 'Saved', dismissible: true })
    await notice.get(`button[aria-label="${common.dismiss}"]`).trigger('click')
    expect(notice.emitted('dismiss')).toHaveLength(1)
    expect(render(AppNotice, { tone: 'info', title: 'Saved' }).find('button').exists()).toBe(false)
  })

  test('of a failed request says what to do, and gives a reference for a fault of ours only', async () => {
    const problemOf = (statusCode: number) =>
      toProblem({
        statusCode,
        data: { data: { code: 'internal_error', correlationId: 'reference-1' } },
      })
    const ours = render(AppProblem, { problem: problemOf(500) })
    expect(ours.text()).toContain(common.reference('reference-1'))
    await ours.get('button').trigger('click')
    expect(ours.emitted('retry')).toHaveLength(1)
    expect(render(AppProblem, { problem: problemOf(404) }).text()).not.toContain('reference-1')
  })
})

describe('a state', () => {
  test('is told by a word, not by its colour alone', () => {
    const pill = render(AppPill, { tone: 'error', icon: 'i-lucide-x', label: 'Failed' })
    expect(pill.text()).toBe('Failed')
  })

  test('of progress is a number, or none while the end is unknown', async () => {
    const bar = render(AppProgress, { percent: 40, label: 'Import' })
    expect(bar.attributes()).toMatchObject({ role: 'progressbar', 'aria-valuenow': '40' })
    expect(bar.get('rect').attributes('width')).toBe('40%')
    const unknown = render(AppProgress, { percent: null, label: 'Import' })
    expect(unknown.attributes('aria-valuenow')).toBeUndefined()
    expect(await violations()).toEqual([])
  })

  test('of a time is machine-readable, and "never" without one', () => {
    const at = '2026-11-24T10:00:00.000Z'
    expect(render(AppTime, { at }).attributes('datetime')).toBe(at)
    expect(render(AppTime, { at: null }).text()).toBe(common.never)
    expect(render(AppTime, { at: null, absent: 'Not yet' }).text()).toBe('Not yet')
  })
})

describe('a choice', () => {
  test('is a labelled native select that tells what was chosen', async () => {
    const select = render(AppSelect, {
      modelValue: 'a',
      label: 'Sort by',
      options: [
        { value: 'a', label: 'Name' },
        { value: 'b', label: 'Newest' },
      ],
    })
    await select.get('select').setValue('b')
    expect(select.emitted('update:modelValue')).toEqual([['b']])
    expect(select.get('label').text()).toContain('Sort by')
    expect(await violations()).toEqual([])
  })

  test('of a page ends at the first and at the last one', async () => {
    const pager = render(AppPager, { first: 51, count: 50, total: 100, hasNext: false, page: 1 })
    expect(pager.text()).toContain(common.range('51', '100', '100'))
    const [previous, next] = pager.findAll('button')
    expect(next?.attributes('disabled')).toBeDefined()
    await previous?.trigger('click')
    expect(pager.emitted('previous')).toHaveLength(1)
    const first = render(AppPager, { first: 1, count: 50, total: null, hasNext: true, page: 0 })
    expect(first.findAll('button')[0]?.attributes('disabled')).toBeDefined()
  })
})

describe("a record's form", () => {
  const fields = [
    { name: 'email', label: 'E-mail' },
    { name: 'phone', label: 'Phone' },
  ]

  test('tells what was typed and that it was sent, and says what is wrong at its field', async () => {
    const form = render(AppRecordForm, {
      fields,
      values: { email: 'ada', phone: '' },
      wrong: { email: 'Not an address' },
      isDirty: true,
    })
    const email = form.get('[name=email]')
    expect(email.attributes('aria-invalid')).toBe('true')
    expect(form.get(`[id="${email.attributes('aria-describedby')}"]`).text()).toBe('Not an address')
    await form.get('[name=phone]').setValue('1')
    expect(form.emitted('set')).toEqual([['phone', '1']])
    await form.trigger('submit')
    expect(form.emitted('submit')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })
})
