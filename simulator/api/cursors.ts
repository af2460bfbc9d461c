import { invalidInput } from '../http'
import type { World } from '../world'

/**
 * A cursor as it is answered: the next record's id, or with `opaqueCursors` a text that says
 * nothing (docs/hubspot-platform.md#lists).
 */
export const cursorOf = ({ settings }: World, id: string): string =>
  settings.opaqueCursors ? Buffer.from(`n:${id}:${id.length}`).toString('base64url') : id

/** @throws {RefusedRequest} 400 for a cursor that this API did not give out */
export function idOfCursor({ settings }: World, cursor: string): string {
  if (!settings.opaqueCursors) return cursor
  const id = /^n:(\d+):\d+$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  if (id === undefined) throw invalidInput(`Invalid cursor ${cursor}`)
  return id
}
