import { computed, reactive, ref, type ComputedRef, type Reactive } from 'vue'
import type { Problem } from '../utils/problem'

interface RecordFormOptions<F extends string> {
  fields: readonly F[]
  /** What stands there when the form opens */
  initial: Record<F, string>
  /** What counts as unchanged, where that is something else than what stands there */
  base?: Record<F, string>
  problem: () => Problem | null | undefined
  /** What is wrong with these (trimmed) values, by field; asked from the first try to submit on */
  check: (values: Record<F, string>) => Partial<Record<F, string>>
}

/**
 * The state of a form that edits one record: sends only what differs, emptied means no value, and
 * what the server refuses stands at its field.
 */
export function useRecordForm<F extends string>({
  fields,
  initial,
  base = initial,
  problem,
  check,
}: RecordFormOptions<F>) {
  const values = reactive({ ...initial }) as Reactive<Record<F, string>> & Record<F, string>
  const tried = ref(false)
  const trimmed = () =>
    Object.fromEntries(fields.map(field => [field, values[field].trim()])) as Record<F, string>

  const changed = computed(() => {
    const now = trimmed()
    return Object.fromEntries(
      fields
        .filter(field => now[field] !== base[field])
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

  return {
    values,
    changed,
    wrong,
    set(field: string, value: string): void {
      const known = fields.find(name => name === field)
      if (known) (values as Record<F, string>)[known] = value
    },
    /**
     * @returns the first field to be corrected before anything can be sent; what only the server
     *   found wrong may be sent again
     */
    firstWrong(): F | undefined {
      tried.value = true
      return fields.find(
        field => wrong.value[field] && !problem()?.issues.some(issue => issue.path === field),
      )
    },
  }
}
