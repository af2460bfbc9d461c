import { mockNuxtImport } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, nextTick, ref } from 'vue'
import RecordsImportDialog from '../../components/records/RecordsImportDialog.vue'
import type { OperationResultList } from '#shared/contracts/operations'
import type { ScopeCounts } from '#shared/contracts/scope'
import { useNoticeList } from '../../composables/useNotices'
import { useOpenRecord } from '../../composables/useOpenRecord'
import { useOperation } from '../../composables/useOperation'
import { useOptimisticEdit } from '../../composables/useOptimisticEdit'
import type { AnyRecord } from '../../composables/useRecordList'
import { useScope } from '../../composables/useScope'
import { useSession } from '../../composables/useSession'
import { texts } from '#shared/texts/en'
import { aLead } from './builders'
import { render } from './mount'

const id = (n: number) => n.toString(16).padStart(24, '0')

interface Asked {
  path: string
  answer: (body: unknown) => void
  refuse: (error: unknown) => void
}
/** Requests that wait for their answer, in their order */
let asked: Asked[] = []
mockNuxtImport('useRequestFetch', () => () => (path: string) => {
  if (path === '/api/v1/auth/me') return Promise.resolve(null)
  return new Promise((answer, refuse) => {
    asked.push({ path: path.replace('/api/v1', ''), answer, refuse })
  })
})

const mounted: ReturnType<typeof render>[] = []
beforeEach(() => {
  asked = []
  useNoticeList().value = []
  useState<unknown>('operation').value = null
  sessionStorage.clear()
})
afterEach(() => {
  for (const one of mounted.splice(0)) one.unmount()
  document.body.innerHTML = ''
})

/** Uses a composable in a component of its own. */
function used<T>(use: () => T): T {
  let made: { it: T } | undefined
  const component = defineComponent({
    setup() {
      made = { it: use() }
      return () => null
    },
  })
  mounted.push(render(component))
  if (!made) throw new Error('Not set up')
  return made.it
}
function take(path: string): Asked {
  const place = asked.findIndex(one => one.path === path)
  const [found] = place < 0 ? [] : asked.splice(place, 1)
  if (!found) throw new Error(`Nobody asked for ${path}, but for ${asked.map(one => one.path)}`)
  return found
}
const settled = () => new Promise(resolve => setTimeout(resolve))

describe('an edit in the list', () => {
  const stale = (current: AnyRecord) => ({
    statusCode: 409,
    data: { data: { code: 'stale_revision', current } },
  })
  const before = aLead({ fields: { rank: 'a', seats: '5' } })
  const change = {
    patch: { fields: { rank: 'b' } },
    shown: { fields: { rank: 'b', seats: '5' } },
  }
  function edited(current: AnyRecord) {
    const save = vi.fn((record: AnyRecord) =>
      record.revision === 1
        ? Promise.reject(stale(current) as unknown as Error)
        : Promise.resolve(record),
    )
    const edits = used(() => useOptimisticEdit<AnyRecord>({ show: () => undefined, save }))
    return { save, done: edits.edit(before, change, 'Rank', 'Second') }
  }

  test('of an own field goes together with another own field that somebody changed', async () => {
    const { save, done } = edited(aLead({ fields: { rank: 'a', seats: '9' }, revision: 2 }))
    expect(await done).toBe(true)
    expect(save).toHaveBeenCalledTimes(2)
    expect(useNoticeList().value).toEqual([])
  })

  test('asks where somebody changed the same own field', async () => {
    const { save, done } = edited(aLead({ fields: { rank: 'c', seats: '5' }, revision: 2 }))
    expect(await done).toBe(false)
    expect(save).toHaveBeenCalledTimes(1)
    expect(useNoticeList().value.map(one => one.title)).toEqual([texts.leads.staleTitle])
  })
})

describe('the scope', () => {
  const draft = {
    contacts: { lifecycleStages: [], ownerIds: [], listIds: [], createdAfter: null },
    deals: { pipelineIds: [], createdAfter: null },
  }
  const counts = {
    counts: { leads: { inside: 1, outside: 2 }, deals: { inside: 3, outside: 4 } },
    basis: { leads: 'exact', deals: 'exact' },
  } as unknown as ScopeCounts
  const started = () => {
    const scope = used(useScope)
    scope.draft.value = draft as unknown as typeof scope.draft.value
    return scope
  }
  const preview = '/integrations/hubspot/scope/preview'

  test('a count that comes after another choice is not shown as that one’s', async () => {
    const scope = started()
    const counting = scope.count()
    scope.edit('deals', { createdAfter: '2026-01-01' })
    expect(scope.counting.value).toBe(false)
    take(preview).answer(counts)
    await counting
    expect(scope.counts.value).toBeNull()
  })

  test('nor is that of a scope that was saved before the choice', async () => {
    const scope = started()
    const saving = scope.save()
    scope.edit('deals', { createdAfter: '2026-01-01' })
    take('/integrations/hubspot/scope').answer({ ...counts, applying: true })
    await saving
    expect([scope.counts.value, scope.applying.value]).toEqual([null, true])
  })

  test('what is saved is counted, whatever an earlier count answers later', async () => {
    const scope = started()
    const counting = scope.count()
    const saving = scope.save()
    take('/integrations/hubspot/scope').answer({ ...counts, applying: false })
    await saving
    take(preview).answer({ ...counts, counts: null })
    await counting
    expect(scope.counts.value).toEqual(counts)
  })
})

describe('the record that the address names', () => {
  function opened() {
    const openId = ref<string | null>(id(1))
    const close = vi.fn(() => Promise.resolve())
    const query = { openId, object: ref('lead'), close }
    const list = { items: ref([]), replace: () => undefined }
    const it = used(() => useOpenRecord(query as never, list as never))
    return { openId, close, shown: it.shown, panel: it.panel }
  }

  test('is shown, not one that was asked for before and answers later', async () => {
    const { openId, shown } = opened()
    openId.value = id(2)
    await nextTick()
    take(`/leads/${id(2)}`).answer(aLead({ id: id(2) }))
    await settled()
    take(`/leads/${id(1)}`).answer(aLead({ id: id(1) }))
    await settled()
    expect(shown.value?.id).toBe(id(2))
  })

  test('is not closed because one that was asked for before is gone', async () => {
    const { openId, close, panel } = opened()
    openId.value = id(2)
    await nextTick()
    take(`/leads/${id(2)}`).answer(aLead({ id: id(2) }))
    await settled()
    take(`/leads/${id(1)}`).refuse({ statusCode: 404, data: { data: { code: 'not_found' } } })
    await settled()
    expect([panel.open.value, close.mock.calls, useNoticeList().value]).toEqual([true, [], []])
  })

  test('does not open once the address names none', async () => {
    const { openId, panel } = opened()
    openId.value = null
    await nextTick()
    take(`/leads/${id(1)}`).answer(aLead({ id: id(1) }))
    await settled()
    expect(panel.open.value).toBe(false)
  })
})

describe('the records that a change of many left as they were', () => {
  const page = (n: number, nextCursor: string | null): OperationResultList => ({
    items: [{ id: id(n), object: 'lead', recordId: null, line: n, outcome: 'skipped', why: 'x' }],
    nextCursor,
    total: null,
  })
  const results = `/operations/${id(9)}/results`
  function finished() {
    const operation = used(() => useOperation(() => undefined))
    operation.operation.value = { id: id(9), status: 'succeeded' } as never
    return operation
  }

  test('are asked for once, also where the button is pressed twice', async () => {
    const operation = finished()
    const shown = [operation.showLeft(), operation.showLeft()]
    take(results).answer(page(1, 'more'))
    expect(asked).toEqual([])
    await Promise.all(shown)
    const more = operation.showLeft()
    take(results).answer(page(2, null))
    await more
    expect(operation.left.value?.items.map(one => one.line)).toEqual([1, 2])
  })

  test('do not come back after it was dismissed', async () => {
    const operation = finished()
    const shown = operation.showLeft()
    operation.dismiss()
    take(results).answer(page(1, null))
    await shown
    expect(operation.left.value).toBeNull()
  })

  test('that cannot be read are said to be so, and can be asked for again', async () => {
    const operation = finished()
    const shown = operation.showLeft()
    take(results).refuse({ statusCode: 503, data: { data: { code: 'database_unavailable' } } })
    await shown
    expect(useNoticeList().value).toHaveLength(1)
    const again = operation.showLeft()
    take(results).answer(page(1, null))
    await again
    expect(operation.left.value?.items).toHaveLength(1)
  })
})

test('who signs out leaves neither own fields nor a change of many records behind', async () => {
  sessionStorage.setItem('operation', id(9))
  const states = ['own-fields', 'operation'].map(key => useState<unknown>(key))
  for (const state of states) state.value = { of: 'who was signed in' }
  const leaving = useSession().signOut()
  take('/auth/logout').answer(undefined)
  await leaving
  expect(states.map(state => state.value)).toEqual([undefined, undefined])
  expect(sessionStorage.getItem('operation')).toBeNull()
})

test('a file that is too large is not imported in the name of the one before it', async () => {
  const preview = { create: 2, update: 1, unchanged: 0, skip: [] }
  mounted.push(render(RecordsImportDialog, { open: true, problem: null, busy: false, preview }))
  await nextTick()
  const labels = () => [...document.querySelectorAll('button')].map(one => one.textContent?.trim())
  const start = texts.lists.import.start(3, '3')
  expect(labels()).toContain(start)
  const input = document.querySelector<HTMLInputElement>('input[type=file]')
  if (!input) throw new Error('No field for a file')
  Object.defineProperty(input, 'files', { value: [{ size: 11 * 1024 * 1024 }] })
  input.dispatchEvent(new Event('change'))
  await nextTick()
  expect(document.body.textContent).toContain(texts.lists.import.tooLarge)
  expect(labels()).not.toContain(start)
})
