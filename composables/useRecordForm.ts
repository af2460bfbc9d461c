import { computed, reactive, ref, watch, type ComputedRef, type Reactive } from 'vue'
import type { Problem } from '../utils/problem'
import { whoMoved } from '../utils/three-way'

interface RecordFormOptions<F extends string> {
  fields: readonly F[]
  /** What stands there when the form opens */
  initial: Record<F, string>
  /** What counts as unchanged, where that is something else than what stands there */
  base?: Record<F, string>
  /** What is stored, which others may change while somebody types here; absent: nothing is yet */
  stored?: () => Record<F, string>
  problem: () => Problem | null | undefined
  /** What is wrong with these (trimmed) values, by field; asked from the first try to submit on */
  check: (values: Record<F, string>) => Partial<Record<F, string>>
}

type Texts<F extends string> = Reactive<Record<F, string>> & Record<F, string>

/**
 * The state of a form that edits one record: sends only what differs, emptied means no value, and
 * what the server refuses stands at its field. What others store meanwhile comes in by the same
 * three-way merge as the sync's: only a field that both sides changed asks.
 */
export function useRecordForm<F extends string>({
  fields,
  initial,
  base = initial,
  stored,
  problem,
  check,
}: RecordFormOptions<F>) {
  const values = reactive({ ...initial }) as Texts<F>
  const agreed = reactive({ ...base }) as Texts<F>
  /** Fields that both sides changed, with what is stored now */
  const theirs = ref<Partial<Record<F, string>>>({})
  /** What was last sent: stored as it was sent, it is no change of others */
  let sent: Partial<Record<F, string>> = {}
  const tried = ref(false)
  const trimmed = () =>
    Object.fromEntries(fields.map(field => [field, values[field].trim()])) as Record<F, string>
  const put = (into: Texts<F>, field: F, value: string) =>
    ((into as Record<F, string>)[field] = value)

  const changed = computed(() => {
    const now = trimmed()
    return Object.fromEntries(
      fields
        .filter(field => now[field] !== agreed[field])
        .map(field => [field, now[field] === '' ? null : now[field]]),
    ) as Partial<Record<F, string | null>>
  })
  const own = computed<Partial<Record<F, string>>>(() => (tried.value ? check(trimmed()) : {}))
  const wrong: ComputedRef<Partial<Record<F, string>>> = computed(() => {
    const found = { ...own.value }
    for (const issue of problem()?.issues ?? []) {
      const field = fields.find(name => name === issue.path)
      if (field && !found[field]) found[field] = `${issue.message}.`
    }
    return found
  })

  function agree(field: F, value: string): void {
    put(agreed, field, value)
    theirs.value = Object.fromEntries(
      Object.entries(theirs.value).filter(([name]) => name !== field),
    ) as Partial<Record<F, string>>
  }
  function takeIn(field: F, now: string): void {
    if (now === sent[field]) return agree(field, now)
    const moved = whoMoved(agreed[field], values[field].trim(), now)
    if (moved === 'both') theirs.value = { ...theirs.value, [field]: now }
    else if (moved !== 'ours') {
      if (moved !== 'equal') put(values, field, now)
      agree(field, now)
    } else agree(field, agreed[field])
  }
  if (stored)
    watch(stored, now => {
      for (const field of fields) takeIn(field, now[field])
    })

  return {
    values,
    changed,
    wrong,
    theirs,
    set(field: string, value: string): void {
      const known = fields.find(name => name === field)
      if (known) put(values, known, value)
    },
    /** Ends a field's question. @param side whose value stays */
    settle(field: string, side: 'ours' | 'theirs'): void {
      const known = fields.find(name => name === field)
      const other = known && theirs.value[known]
      if (known === undefined || other === undefined) return
      if (side === 'theirs') put(values, known, other)
      agree(known, other)
    },
    /**
     * @returns the first field to be corrected or decided before anything can be sent; what only the
     *   server found wrong may be sent again
     */
    firstWrong(): F | undefined {
      tried.value = true
      const first = fields.find(
        field =>
          theirs.value[field] !== undefined ||
          (wrong.value[field] && !problem()?.issues.some(issue => issue.path === field)),
      )
      if (first === undefined) sent = trimmed()
      return first
    },
  }
}
