import { computed, reactive, ref, watch } from 'vue'
import type { Field, OwnValue, OwnValueInput } from '#shared/contracts/fields'
import { canonicalNumber, keyOfStored, readableValue, storedName } from '../utils/own-values'
import type { Problem } from '../utils/problem'
import { whoMoved } from '../utils/three-way'

interface OwnFormOptions {
  object: Field['object']
  /** What the record has, which others may change meanwhile; `null` for a new one */
  present: () => Readonly<Record<string, OwnValue>> | null
  problem: () => Problem | null | undefined
}

const isSame = (one: OwnValue, other: OwnValue) =>
  Array.isArray(one) && Array.isArray(other)
    ? one.length === other.length && one.every(value => other.includes(value))
    : one === other
const blank = (field: Field): OwnValue => (field.type === 'choices' ? [] : null)

/**
 * The own fields within a form for one record: what is shown, and what of it was changed. What
 * others store meanwhile comes in as in `useRecordForm`.
 */
export function useOwnForm({ object, present, problem }: OwnFormOptions) {
  const own = useOwnFields()
  const words = useValueWords()
  // Without a prototype, so that `in` asks for keys alone; Vue does not notice `Object.hasOwn`.
  const byKey = () => reactive(Object.create(null) as Record<string, OwnValue>)
  const edited = byKey()
  /** By key of what is edited: what the record had at its last agreement with the form */
  const agreed = byKey()
  /** What others stored in a field that is edited here as well */
  const theirs = ref<Record<string, OwnValue>>({})
  let sent: Record<string, OwnValueInput> = {}
  // A new record has no value that HubSpot could have given it.
  const fields = computed(() =>
    own.of(object).filter(field => present() !== null || field.direction !== 'in'),
  )
  const before = (field: Field) => present()?.[field.key] ?? blank(field)
  const values = computed(() =>
    Object.fromEntries(
      fields.value.map(field => [
        field.key,
        field.key in edited ? (edited[field.key] ?? blank(field)) : before(field),
      ]),
    ),
  )
  const asSent = (field: Field, value: OwnValue) =>
    field.type === 'number' ? canonicalNumber(value) : value
  const changed = computed<{ fields?: Record<string, OwnValueInput> }>(() => {
    const differing = fields.value.flatMap(field => {
      const value = asSent(field, values.value[field.key] ?? blank(field))
      const base = field.key in agreed ? agreed[field.key] : before(field)
      return isSame(value, base ?? blank(field)) ? [] : [[field.key, value] as const]
    })
    return differing.length === 0 ? {} : { fields: Object.fromEntries(differing) }
  })
  /** What the server found wrong, by key */
  const wrong = computed(() =>
    Object.fromEntries(
      (problem()?.issues ?? []).flatMap(({ path, message }) => {
        const key = keyOfStored(path)
        return key === null ? [] : [[key, `${message}.`]]
      }),
    ),
  )

  function ask(key: string, other: OwnValue | undefined): void {
    const { [key]: _, ...rest } = theirs.value
    theirs.value = other === undefined ? rest : { ...rest, [key]: other }
  }
  function forget(key: string): void {
    delete edited[key]
    delete agreed[key]
    ask(key, undefined)
  }
  function takeIn(field: Field, now: OwnValue): void {
    const { key } = field
    if (!(key in edited)) return
    const ours = asSent(field, edited[key] ?? blank(field))
    if (isSame(ours, now)) return forget(key)
    // What was sent from here is no change of others.
    if (Object.hasOwn(sent, key) && JSON.stringify(sent[key]) === JSON.stringify(now))
      agreed[key] = now
    const [base, mine, other] = [agreed[key] ?? blank(field), ours, now].map(value =>
      JSON.stringify(value),
    ) as [string, string, string]
    const moved = whoMoved(base, mine, other)
    if (moved === 'theirs' || moved === 'equal') forget(key)
    else ask(key, moved === 'both' ? now : undefined)
  }
  watch(present, () => {
    for (const field of fields.value) takeIn(field, before(field))
  })

  const inWords = (field: Field, value: OwnValue): string =>
    value === null
      ? ''
      : readableValue(field, Array.isArray(value) ? value.join(';') : String(value), words)

  return {
    fields,
    values,
    changed,
    wrong,
    set(key: string, value: OwnValue): void {
      const field = fields.value.find(one => one.key === key)
      if (field && !(key in agreed)) agreed[key] = before(field)
      edited[key] = value
    },
    /** Fields that both sides changed, by their name in the form, in words */
    meanwhile: computed(() =>
      Object.fromEntries(
        fields.value
          .filter(field => Object.hasOwn(theirs.value, field.key))
          .map(field => [
            storedName(field.key),
            { label: field.label, value: inWords(field, theirs.value[field.key] ?? null) },
          ]),
      ),
    ),
    /** Ends a field's question; names of other fields are left alone. */
    settle(name: string, side: 'ours' | 'theirs'): void {
      const key = keyOfStored(name)
      const other = key === null ? undefined : theirs.value[key]
      if (key === null || other === undefined) return
      if (side === 'theirs') return forget(key)
      agreed[key] = other
      ask(key, undefined)
    },
    /** @returns the name of the first field that is to be decided before anything can be sent */
    firstOpen(): string | undefined {
      const [key] = Object.keys(theirs.value)
      if (key !== undefined) return storedName(key)
      sent = { ...changed.value.fields }
      return undefined
    },
  }
}
