/**
 * @param what named in the error
 * @returns the value, without null or undefined in its type
 * @throws where a test expects a value and there is none
 */
export function present<T>(value: T, what = 'value'): NonNullable<T> {
  if (value === null || value === undefined) throw new Error(`Expected a ${what}, got ${value}`)
  return value
}

/** @returns the only entry. @throws where there are none or several */
export function only<T>(entries: Iterable<T>): T {
  const all = [...entries]
  const [entry] = all
  if (entry === undefined || all.length !== 1)
    throw new Error(`Expected one entry, got ${all.length}`)
  return entry
}
