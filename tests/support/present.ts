/**
 * @param what named in the error
 * @returns the value, without null or undefined in its type
 * @throws where a test expects a value and there is none
 */
export function present<T>(value: T, what = 'value'): NonNullable<T> {
  if (value === null || value === undefined) throw new Error(`Expected a ${what}, got ${value}`)
  return value
}
