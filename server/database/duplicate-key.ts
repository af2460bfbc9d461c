/**
 * Does an upsert once more when somebody else made the same document at the same moment: it is there
 * now.
 */
export async function upserted<T>(upsert: () => Promise<T>): Promise<T> {
  try {
    return await upsert()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    return await upsert()
  }
}

/** @returns whether a unique index refused the write (MongoDB error 11000) */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11000
}
