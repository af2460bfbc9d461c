type Values = Readonly<Record<string, unknown>>

const isGroup = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const same = (one: unknown, other: unknown) =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

/**
 * Whether somebody else changed one of the fields that were sent, to something else than was sent.
 * Otherwise both changes go together.
 * @param sent fields and their new values; own fields stand together in an object
 * @param before the record that the change was made on
 * @param now the record as it is
 */
export function collides(sent: Values, before: Values, now: Values): boolean {
  return Object.entries(sent).some(([field, value]) => {
    const [old, present] = [before[field], now[field]]
    if (isGroup(value) && isGroup(old) && isGroup(present)) return collides(value, old, present)
    return !same(old, present) && !same(present, value)
  })
}
