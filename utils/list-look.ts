/** What a list compares of its records. */
export interface Listed {
  id: string
  updatedAt: string
  revision: number
}

/**
 * A second look at a list that somebody works in: records that stand there get their new values,
 * none moves, comes or goes. Pure.
 * @param shown as it stands there
 * @param fresh the same page, asked for now
 * @param known when each record had changed last, as somebody saw it
 * @returns `changed`: how many records would come, go or move because they changed; `missing`:
 *   records that the fresh page does not have any more
 */
export function secondLook<T extends Listed>(
  shown: readonly T[],
  fresh: readonly T[],
  known: ReadonlyMap<string, string>,
): { items: T[]; changed: number; missing: string[] } {
  const now = new Map(fresh.map(record => [record.id, record]))
  const isSame =
    shown.length === fresh.length && shown.every((record, place) => record.id === fresh[place]?.id)
  return {
    items: shown.map(record => newer(record, now.get(record.id))),
    changed: isSame ? 0 : fresh.filter(({ id, updatedAt }) => known.get(id) !== updatedAt).length,
    missing: shown.filter(({ id }) => !now.has(id)).map(({ id }) => id),
  }
}

/** What was asked for before an edit may arrive after it. */
export function newer<T extends Listed>(shown: T, fresh: T | undefined): T {
  return fresh && fresh.revision >= shown.revision ? fresh : shown
}
