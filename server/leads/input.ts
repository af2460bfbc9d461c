type Values<F extends string> = Record<F, string | null>
type Given<F extends string> = { [field in F]?: string | null | undefined }

/** The given fields of a record, and nothing else of what came in. */
export function givenValues<F extends string>(
  fields: readonly F[],
  input: Given<F>,
): Partial<Values<F>> {
  const values: Partial<Values<F>> = {}
  for (const field of fields) {
    const value = input[field]
    if (value !== undefined) values[field] = value
  }
  return values
}

/** @returns the fields that get another value than they have */
export function changedFields<F extends string>(
  fields: readonly F[],
  given: Partial<Values<F>>,
  current: Values<F>,
): F[] {
  return fields.filter(field => given[field] !== undefined && given[field] !== current[field])
}
