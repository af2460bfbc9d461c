const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const valueOf = (record: object, field: string): unknown => Reflect.get(record, field)
const same = (one: unknown, other: unknown) =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

/**
 * Whether somebody else changed one of the fields that were sent, to something else than was sent.
 * Otherwise both changes go together.
 * @param sent fields and their new values; own fields stand together in an object
 * @param before the record that the change was made on
 * @param now the record as it is
 */
export function collides(sent: object, before: object, now: object): boolean {
  return Object.entries(sent).some(([field, value]: [string, unknown]) => {
    const [old, present] = [valueOf(before, field), valueOf(now, field)]
    if (isGroup(value) && isGroup(old) && isGroup(present)) return collides(value, old, present)
    return !same(old, present) && !same(present, value)
  })
}
