import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nextTick } from 'vue'
import RecordsBulkBar from '../../components/records/RecordsBulkBar.vue'
import RecordsBulkDialog from '../../components/records/RecordsBulkDialog.vue'
import RecordsDeleteDialog from '../../components/records/RecordsDeleteDialog.vue'
import RecordsEmpty from '../../components/records/RecordsEmpty.vue'
import RecordsImportDialog from '../../components/records/RecordsImportDialog.vue'
import RecordsList from '../../components/records/RecordsList.vue'
import RecordsOperation from '../../components/records/RecordsOperation.vue'
import RecordsUndoDialog from '../../components/records/RecordsUndoDialog.vue'
import RecordsViews from '../../components/records/RecordsViews.vue'
import type { Operation, UndoPreview } from '#shared/contracts/operations'
import type { SavedView } from '#shared/contracts/views'
import { texts } from '#shared/texts/en'
import { columnsOf } from '../../utils/list-columns'
import { toProblem } from '../../utils/problem'
import { aLead, aTable } from './builders'
import { render, violations } from './mount'

const { lists } = texts
const id = (n: number) => n.toString(16).padStart(24, '0')

beforeEach(() => (useState<unknown>('hubspot-labels').value = null))
afterEach(() => (document.body.innerHTML = ''))

/** Dialogs are drawn at the end of the document. */
function button(label: string): HTMLButtonElement | undefined {
  return [...document.querySelectorAll('button')].find(one => one.textContent?.trim() === label)
}
const problem = toProblem({ statusCode: 503, data: { data: { code: 'hubspot_unavailable' } } })

function anOperation(change: Partial<Operation> = {}): Operation {
  return {
    id: id(1),
    kind: 'bulk_edit',
    status: 'succeeded',
    counts: { total: 10, done: 7, failed: 1, skipped: 2 },
    startedAt: '2026-11-24T10:00:00.000Z',
    finishedAt: '2026-11-24T10:00:05.000Z',
    undoneBy: null,
    by: { email: 'ada@example.com' },
    error: null,
    ...change,
  }
}

describe('an edit of many records', () => {
  const props = { open: true, count: 3, columns: columnsOf('lead', []), problem: null, busy: false }

  test('offers the fields that many can share, and sends one value', async () => {
    const dialog = render(RecordsBulkDialog, { ...props })
    await nextTick()
    const select = document.querySelector('select')
    const offered = [...(select?.options ?? [])].map(({ value }) => value)
    expect(offered).toContain('company')
    expect(offered).not.toContain('email')
    expect(await violations()).toEqual([])
    const input = document.querySelector<HTMLInputElement>('input[name=value]')
    if (input) input.value = ' Engines '
    input?.dispatchEvent(new Event('input', { bubbles: true }))
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
    await nextTick()
    expect(dialog.emitted('apply')).toEqual([
      [expect.objectContaining({ key: 'company' }), 'Engines'],
    ])
  })

  test('an amount has to be a number, and what the server refuses is said', async () => {
    const columns = columnsOf('deal', []).filter(({ key }) => key === 'amount')
    const dialog = render(RecordsBulkDialog, { ...props, columns })
    await nextTick()
    const input = document.querySelector<HTMLInputElement>('input[name=value]')
    if (input) input.value = 'much'
    input?.dispatchEvent(new Event('input', { bubbles: true }))
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
    await nextTick()
    expect(dialog.emitted('apply')).toBeUndefined()
    expect(document.body.textContent).toContain(texts.leads.badAmount)
  })

  test('all that match can be chosen, not only those of the page', async () => {
    const bar = render(RecordsBulkBar, { count: 25, total: 300, isAll: false, busy: false })
    expect(bar.text()).toContain(lists.bulk.chosen(25, '25'))
    await bar.findAll('button')[0]?.trigger('click')
    expect(bar.emitted('all')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })
})

describe('its progress', () => {
  test('says how far it is', async () => {
    const shown = render(RecordsOperation, {
      operation: anOperation({
        status: 'running',
        counts: { total: 10, done: 3, failed: 1, skipped: 1 },
      }),
      left: null,
    })
    expect(shown.text()).toContain(lists.operation.progress('5', '10'))
    expect(shown.get('[role=progressbar]').attributes('aria-valuenow')).toBe('50')
    expect(shown.text()).not.toContain(lists.operation.undo)
    expect(await violations()).toEqual([])
  })

  test('says what it did, what it left and why, and offers one undo', async () => {
    const shown = render(RecordsOperation, {
      operation: anOperation(),
      left: {
        items: [
          {
            id: id(5),
            object: 'lead',
            recordId: null,
            line: 7,
            outcome: 'skipped',
            why: 'No address.',
          },
        ],
        nextCursor: null,
        total: 1,
      },
    })
    expect(shown.text()).toContain('7 changed, 2 skipped, 1 failed')
    expect(shown.text()).toContain(lists.operation.line(7))
    expect(shown.text()).toContain('No address.')
    await shown
      .findAll('button')
      .find(one => one.text() === lists.operation.undo)
      ?.trigger('click')
    expect(shown.emitted('undo')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })

  test('what was undone is not undone again', () => {
    const shown = render(RecordsOperation, {
      operation: anOperation({ undoneBy: id(2) }),
      left: null,
    })
    expect(shown.text()).toContain(lists.operation.isUndone)
    expect(shown.findAll('button').map(one => one.text())).not.toContain(lists.operation.undo)
  })
})

describe('an undo', () => {
  const preview: UndoPreview = {
    changes: [
      {
        object: 'lead',
        id: id(3),
        name: 'Ada',
        field: 'company',
        now: 'Typed wrong',
        after: null,
      },
      { object: 'lead', id: id(4), name: null, field: 'record', now: 'exists', after: null },
    ],
    skipped: [{ object: 'lead', id: id(6), name: 'Grace', why: 'phone: somebody changed it.' }],
    total: 2,
  }

  test('shows the difference and what is left alone before anything happens', async () => {
    const dialog = render(RecordsUndoDialog, { open: true, preview, problem: null, busy: false })
    await nextTick()
    const text = document.body.textContent
    for (const part of [
      'Ada',
      'Typed wrong',
      texts.leads.history.empty,
      lists.undo.gone,
      texts.leads.unnamedLead,
      'Grace',
      'phone: somebody changed it.',
    ])
      expect(text).toContain(part)
    expect(await violations()).toEqual([])
    button(lists.undo.confirm(2, '2'))?.click()
    expect(dialog.emitted('confirm')).toHaveLength(1)
  })

  test('with nothing to undo there is nothing to confirm', async () => {
    const nothing = { changes: [], skipped: [], total: 0 }
    render(RecordsUndoDialog, { open: true, preview: nothing, problem: null, busy: false })
    await nextTick()
    expect(document.body.textContent).toContain(lists.undo.nothing)
    expect(button(lists.undo.confirm(0, '0'))).toBeUndefined()
  })

  test('a preview that fails can be asked for again', async () => {
    const dialog = render(RecordsUndoDialog, { open: true, preview: null, problem, busy: false })
    await nextTick()
    button(texts.common.tryAgain)?.click()
    expect(dialog.emitted('retry')).toHaveLength(1)
  })
})

describe('an import', () => {
  const props = { open: true, problem: null, busy: false }

  test('says what it would do and which lines it leaves out, then starts', async () => {
    const preview = {
      create: 2,
      update: 1,
      unchanged: 4,
      skip: [{ line: 7, why: 'email: Invalid.' }],
    }
    const dialog = render(RecordsImportDialog, { ...props, preview })
    await nextTick()
    const text = document.body.textContent
    expect(text).toContain(lists.operation.line(7))
    expect(text).toContain('email: Invalid.')
    expect(await violations()).toEqual([])
    button(lists.import.start(3, '3'))?.click()
    expect(dialog.emitted('start')).toHaveLength(1)
  })

  test('a file that cannot be read says why, and is not imported', async () => {
    const refused = toProblem({
      statusCode: 422,
      data: {
        data: { code: 'validation_failed', issues: [{ path: 'body', message: 'is empty' }] },
      },
    })
    render(RecordsImportDialog, { ...props, preview: null, problem: refused })
    await nextTick()
    expect(document.querySelector('[role=alert]')?.textContent).toBe('The file is empty.')
    expect(button(lists.import.start(0, '0'))).toBeUndefined()
  })
})

describe('a deletion', () => {
  const props = { open: true, name: 'Ada', problem: null, busy: false }

  test('asks where, and means here unless told otherwise', async () => {
    const dialog = render(RecordsDeleteDialog, { ...props, isInHubspot: true })
    await nextTick()
    expect(document.body.textContent).toContain(lists.remove.hereText)
    expect(await violations()).toEqual([])
    button(lists.remove.confirm.here)?.click()
    document.querySelector<HTMLInputElement>('input[value=both]')?.click()
    await nextTick()
    button(lists.remove.confirm.both)?.click()
    expect(dialog.emitted('confirm')).toEqual([[false], [true]])
  })

  test('of a record that is only here does not ask', async () => {
    render(RecordsDeleteDialog, { ...props, isInHubspot: false })
    await nextTick()
    expect(document.querySelector('input')).toBeNull()
    expect(document.body.textContent).toContain(lists.remove.onlyHere)
  })
})

describe('saved views', () => {
  const view = (n: number, user: number): SavedView => ({
    id: id(n),
    name: `View ${n}`,
    object: 'lead',
    query: { q: 'a' },
    columns: null,
    shared: true,
    createdBy: { id: id(user), email: 'grace@example.com' },
  })
  const props = {
    object: 'lead',
    views: [view(1, 8), view(2, 9)],
    userId: id(8),
    problem: null,
    busy: false,
    saveOpen: false,
    removeOpen: false,
  }

  test('are picked by name, and everything is one of them', async () => {
    const views = render(RecordsViews, { ...props, picked: 'all' })
    await views.get('select').setValue(id(2))
    await views.get('select').setValue('all')
    expect(views.emitted('pick')).toEqual([[props.views[1]], [null]])
    expect(views.get('select').text()).toContain('grace@example.com')
    expect(button(lists.views.save)).toBeUndefined()
  })

  test('a query that is not saved can be, and only one’s own view is deleted', async () => {
    render(RecordsViews, { ...props, picked: '' })
    expect(button(lists.views.save)).toBeDefined()
    document.body.innerHTML = ''
    render(RecordsViews, { ...props, picked: id(2) })
    expect(button(lists.views.remove)).toBeUndefined()
    document.body.innerHTML = ''
    render(RecordsViews, { ...props, picked: id(1) })
    expect(button(lists.views.remove)).toBeDefined()
    expect(await violations()).toEqual([])
  })
})

describe('the list', () => {
  const props = {
    ...aTable('lead', [aLead()]),
    total: 1,
    hasNext: false,
    page: 0,
    loading: false,
    isFirstLoad: false,
    changed: 0,
    isAllChosen: false,
    working: false,
  }

  test('says how many records changed, and shows them when asked', async () => {
    const list = render(RecordsList, { ...props, changed: 3 })
    expect(list.text()).toContain(lists.changed(3, '3'))
    await list
      .findAll('button')
      .find(one => one.text() === lists.show)
      ?.trigger('click')
    expect(list.emitted('show')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })

  test('an empty one says why, and what to do', async () => {
    const empty = { object: 'lead', isUsable: false, canConnect: true, newRecord: 'New lead' }
    const filtered = render(RecordsEmpty, { ...empty, isFiltered: true })
    expect(filtered.text()).toContain(texts.leads.empty.noneTitle)
    await filtered.get('button').trigger('click')
    expect(filtered.emitted('clear')).toHaveLength(1)
    expect(render(RecordsEmpty, { ...empty, isFiltered: false }).text()).toContain(
      texts.leads.empty.connect,
    )
  })
})
