import { computed, shallowRef } from 'vue'
import type { Field, OwnValue, OwnValueInput } from '#shared/contracts/fields'
import { canonicalNumber } from '../utils/own-values'
import type { Problem } from '../utils/problem'

interface OwnFormOptions {
  object: Field['object']
  /** What the record has; `null` for a new one */
  present: Readonly<Record<string, OwnValue>> | null
  problem: () => Problem | null | undefined
}

const isSame = (one: OwnValue, other: OwnValue) =>
  Array.isArray(one) && Array.isArray(other)
    ? one.length === other.length && one.every(value => other.includes(value))
    : one === other
const blank = (field: Field): OwnValue => (field.type === 'choices' ? [] : null)

/** The own fields within a form for one record: what is shown, and what of it was changed. */
export function useOwnForm({ object, present, problem }: OwnFormOptions) {
  const own = useOwnFields()
  const edited = shallowRef<ReadonlyMap<string, OwnValue>>(new Map())
  // A new record has no value that HubSpot could have given it.
  const fields = computed(() =>
    own.of(object).filter(field => present !== null || field.direction !== 'in'),
  )
  const before = (field: Field) => present?.[field.key] ?? blank(field)
  const values = computed(() =>
    Object.fromEntries(
      fields.value.map(field => [
        field.key,
        edited.value.has(field.key) ? (edited.value.get(field.key) ?? blank(field)) : before(field),
      ]),
    ),
  )
  const changed = computed<{ fields?: Record<string, OwnValueInput> }>(() => {
    const differing = fields.value.flatMap(field => {
      const value = values.value[field.key] ?? blank(field)
      const sent = field.type === 'number' ? canonicalNumber(value) : value
      return isSame(sent, before(field)) ? [] : [[field.key, sent] as const]
    })
    return differing.length === 0 ? {} : { fields: Object.fromEntries(differing) }
  })
  /** What the server found wrong, by key */
  const wrong = computed(() =>
    Object.fromEntries(
      (problem()?.issues ?? []).flatMap(({ path, message }) =>
        path.startsWith('fields.') ? [[path.slice('fields.'.length), `${message}.`]] : [],
      ),
    ),
  )
  return {
    fields,
    values,
    changed,
    wrong,
    set(key: string, value: OwnValue): void {
      edited.value = new Map(edited.value).set(key, value)
    },
  }
}
