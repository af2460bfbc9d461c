import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import RecordsCell from '../../components/records/RecordsCell.vue'
import RecordsColumns from '../../components/records/RecordsColumns.vue'
import RecordsFilters from '../../components/records/RecordsFilters.vue'
import RecordsTable from '../../components/records/RecordsTable.vue'
import type { Field } from '#shared/contracts/fields'
import { nextTick } from 'vue'
import { texts } from '#shared/texts/en'
import { chosenColumns, columnsOf } from '../../utils/list-columns'
import { aConnection, aDeal, aLead, aTable } from './builders'
import { render, violations } from './mount'

const { lists, leads } = texts
const id = (n: number) => n.toString(16).padStart(24, '0')

const field: Field = {
  id: id(1),
  object: 'lead',
  key: 'rank',
  label: 'Rank',
  type: 'choice',
  options: [
    { value: 'a', label: 'First' },
    { value: 'b', label: 'Second' },
  ],
  property: null,
  direction: 'both',
  policy: 'hubspot_wins',
}

beforeEach(() => {
  useState<unknown>('hubspot-labels').value = null
  useState<unknown>('hubspot-connection').value = null
  useState<unknown>('hubspot-owners').value = { '7': 'Grace Hopper' }
})
afterEach(() => {
  vi.useRealTimers()
  document.body.innerHTML = ''
})

describe('the table of leads and deals', () => {
  test('links to HubSpot where the record is there, and says why one is not in sync', async () => {
    const failed = aLead({
      id: id(9),
      hubspotId: null,
      sync: {
        state: 'failed',
        lastInAt: null,
        lastOutAt: null,
        error: { code: 'x', message: 'Not a valid number.', correlationId: null },
      },
    })
    const table = render(RecordsTable, aTable('lead', [aLead(), failed]))
    expect(table.findAll('a').map(link => link.attributes('href'))).toEqual([
      'https://app.hubspot.com/contacts/1/record/0-1/501',
    ])
    expect(table.text()).toContain('Not a valid number.')
    expect(await violations()).toEqual([])
  })

  test('says by which column it is sorted, and asks for another', async () => {
    const table = render(RecordsTable, aTable('lead', [aLead()], { sort: '-email' }))
    const heads = table.findAll('th[aria-sort]')
    expect(heads.map(head => [head.attributes('aria-sort'), head.text()])).toEqual([
      ['descending', expect.stringContaining(leads.field.email)],
    ])
    await table.get('th.cell-name button').trigger('click')
    expect(table.emitted('sort')).toEqual([['name']])
  })

  test('chooses one, and all of the page', async () => {
    const records = [aLead(), aLead({ id: id(4), firstName: 'Grace', lastName: 'Hopper' })]
    const table = render(RecordsTable, aTable('lead', records, { chosen: new Set([id(3)]) }))
    const all = table.get<HTMLInputElement>(`[aria-label="${lists.chooseAll}"]`)
    expect([all.element.checked, all.element.indeterminate]).toEqual([false, true])
    await all.setValue(true)
    await table.get(`[aria-label="${lists.choose('Ada Lovelace')}"]`).setValue(false)
    expect(table.emitted('choose')).toEqual([
      [[id(3), id(4)], true],
      [[id(3)], false],
    ])
  })

  test('amounts stand at the right, and names are written in their own direction', async () => {
    const deal = aDeal({ name: 'عقد' })
    const table = render(RecordsTable, aTable('deal', [deal]))
    expect(table.get('td.cell-1').classes()).toContain('md:text-right')
    expect(table.get('td.cell-name button').attributes('dir')).toBe('auto')
    expect(await violations()).toEqual([])
  })

  test('every column has its cell, also those of own fields', () => {
    const record = aLead({ fields: { rank: 'b' }, hubspotOwnerId: '7' })
    const columns = columnsOf('lead', [field])
    const table = render(RecordsTable, aTable('lead', [record], { columns }))
    expect(table.findAll('tbody td')).toHaveLength(columns.length + 2)
    expect(table.text()).toContain('Grace Hopper')
    expect(table.text()).toContain('Second')
  })

  test('a choice of an own field is edited by its label and kept by its value', async () => {
    const [column] = chosenColumns('lead', [field], ['fields.rank'])
    const cell = render(RecordsCell, {
      record: aLead({ fields: { rank: 'b' } }),
      name: 'Ada',
      column,
      busy: false,
      account: { uiDomain: null, portalId: null },
    })
    await cell.get('select').setValue('a')
    expect(cell.emitted('edit')).toEqual([['a']])
  })
})

test('a number of an own field is in no currency, also where the account has one', () => {
  useState<unknown>('hubspot-connection').value = aConnection()
  const own: Field = { ...field, key: 'seats', label: 'Seats', type: 'number', options: [] }
  const [column] = chosenColumns('lead', [own], ['fields.seats'])
  const cell = render(RecordsCell, {
    record: aLead({ fields: { seats: '1200' } }),
    name: 'Ada',
    column,
    busy: false,
    account: { uiDomain: null, portalId: null },
  })
  expect(cell.get('button span').text()).toBe('1,200')
})

describe('the filters', () => {
  const props = { object: 'lead', filters: {}, own: [], sort: '-updatedAt', sorts: [] }

  test('search after a pause in the typing, and filter at once', async () => {
    vi.useFakeTimers()
    const filters = render(RecordsFilters, { ...props })
    await filters.get('input').setValue(' ada ')
    expect(filters.emitted('change')).toBeUndefined()
    vi.advanceTimersByTime(1000)
    expect(filters.emitted('change')).toEqual([[{ q: 'ada' }, true]])
    await filters.get('select').setValue('failed')
    expect(filters.emitted('change')?.at(-1)).toEqual([{ syncState: 'failed' }, false])
  })

  test('what is typed while the address takes up what was typed before stays', async () => {
    vi.useFakeTimers()
    const filters = render(RecordsFilters, { ...props })
    const input = filters.get('input')
    await input.setValue('ad')
    vi.advanceTimersByTime(300)
    await input.setValue('ada')
    await filters.setProps({ filters: { q: 'ad' } })
    expect(input.element.value).toBe('ada')
    vi.advanceTimersByTime(300)
    expect(filters.emitted('change')).toEqual([
      [{ q: 'ad' }, true],
      [{ q: 'ada' }, true],
    ])
  })

  test('a search that is chosen elsewhere takes the place of what is being typed', async () => {
    vi.useFakeTimers()
    const filters = render(RecordsFilters, { ...props, filters: { q: 'ada' } })
    const input = filters.get('input')
    await input.setValue('adam')
    await filters.setProps({ filters: { q: 'grace' } })
    await filters.setProps({ filters: {} })
    expect(input.element.value).toBe('')
    vi.advanceTimersByTime(1000)
    expect(filters.emitted('change')).toBeUndefined()
  })

  test('those in use are named in words, and taken away one by one', async () => {
    const used = { owner: '7', 'filter[rank]': 'b', q: 'x' }
    const filters = render(RecordsFilters, { ...props, filters: used, own: [field] })
    const chips = filters.findAll('ul button')
    expect(chips.map(chip => chip.text())).toEqual([
      expect.stringContaining(`${lists.filters.owner}: Grace Hopper`),
      expect.stringContaining('Rank: Second'),
    ])
    await chips[1]?.trigger('click')
    expect(filters.emitted('change')).toEqual([[{ 'filter[rank]': '' }, false]])
    expect(await violations()).toEqual([])
  })

  test('deals are searched too, and filtered by stage, pipeline and close date', () => {
    const filters = render(RecordsFilters, { ...props, object: 'deal' })
    for (const part of [lists.filters.pipeline, lists.filters.closeFrom, lists.filters.stage])
      expect(filters.text()).toContain(part)
    expect(filters.get('input').attributes('aria-label')).toBe(lists.search.deal)
  })
})

test('columns are chosen in their order, and the usual ones come back', async () => {
  const told: (string[] | null)[] = []
  render(RecordsColumns, {
    open: true,
    columns: columnsOf('lead', [field]),
    chosen: ['phone', 'email'],
    onChoose: (keys: string[] | null) => told.push(keys),
  })
  await nextTick()
  const box = (label: string) =>
    [...document.querySelectorAll('label')].find(one => one.textContent?.trim() === label)
  box('Rank')?.querySelector('input')?.click()
  box(leads.field.phone)?.querySelector('input')?.click()
  expect(told).toEqual([['email', 'phone', 'fields.rank'], ['email']])
  const usual = [...document.querySelectorAll('button')].find(
    one => one.textContent?.trim() === lists.chooseColumns.usual,
  )
  usual?.click()
  expect(told.at(-1)).toBeNull()
  expect(await violations()).toEqual([])
})
