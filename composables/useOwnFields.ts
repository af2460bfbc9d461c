import type { Field, FieldList } from '#shared/contracts/fields'

/** The fields that admins added to leads and deals, for every page that shows records. */
export function useOwnFields() {
  const fields = useState<FieldList | null>('own-fields', () => null)
  return {
    fields,
    /** @returns those of one kind of record, in the order in which they were added */
    of: (object: Field['object']): Field[] =>
      (fields.value?.items ?? []).filter(field => field.object === object),
    /** The field of this key; a lead's where both kinds have one */
    byKey: (key: string): Field | undefined =>
      fields.value?.items.find(field => field.key === key && field.object === 'lead') ??
      fields.value?.items.find(field => field.key === key),
  }
}
