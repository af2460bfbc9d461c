import { createHmac, timingSafeEqual } from 'node:crypto'
import { Decimal128, ObjectId } from 'mongodb'
import { ValidationFailed } from '../errors'

/** What a list can be sorted by */
export type SortValue = string | Date | Decimal128 | null

/**
 * Where a page ended: the last item's sort value and id. `value` is absent where it is too long to
 * carry; it is then read from the item itself.
 */
export interface Position {
  value?: SortValue
  id: ObjectId
}

/** What a cursor belongs to: it is refused anywhere else. */
export interface CursorScope {
  partnerId: ObjectId
  /** Name of the list */
  list: string
  /** Filter and order, as asked for */
  query: Record<string, unknown>
}

const tagBytes = 12
const maxValueBytes = 200

/**
 * Makes and reads the opaque cursors of the lists. A cursor says where a page ended and is tied by
 * an HMAC to its partner, list, filter and order.
 * @param secret any server secret; cursors of another secret are refused
 */
export function createCursors({ secret }: { secret: Uint8Array }) {
  const key = createHmac('sha256', secret).update('list cursors').digest()

  function tag(payload: string, { partnerId, list, query }: CursorScope): Buffer {
    const asked = Object.entries(query)
      .filter(([, value]) => value !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
    return createHmac('sha256', key)
      .update(JSON.stringify([payload, partnerId.toHexString(), list, asked]))
      .digest()
      .subarray(0, tagBytes)
  }

  return {
    encode(scope: CursorScope, { value, id }: Position): string {
      const carried =
        value instanceof Date
          ? { d: value.getTime() }
          : value instanceof Decimal128
            ? { n: value.toString() }
            : typeof value === 'string' && Buffer.byteLength(value) > maxValueBytes
              ? {}
              : { v: value }
      const payload = JSON.stringify({ i: id.toHexString(), ...carried })
      return Buffer.concat([tag(payload, scope), Buffer.from(payload)]).toString('base64url')
    },

    /** @throws {ValidationFailed} for a cursor that was not made here for this scope */
    decode(scope: CursorScope, text: string): Position {
      const refused = () =>
        new ValidationFailed([{ path: 'cursor', message: 'is not a cursor of this list' }])
      const bytes = Buffer.from(text, 'base64url')
      const payload = bytes.subarray(tagBytes).toString()
      if (
        bytes.length <= tagBytes ||
        !timingSafeEqual(bytes.subarray(0, tagBytes), tag(payload, scope))
      )
        throw refused()
      const { i, d, n, v } = JSON.parse(payload) as {
        i: string
        d?: number
        n?: string
        v?: string | null
      }
      return {
        id: new ObjectId(i),
        ...(d !== undefined
          ? { value: new Date(d) }
          : n !== undefined
            ? { value: Decimal128.fromString(n) }
            : v !== undefined
              ? { value: v }
              : {}),
      }
    },
  }
}
export type Cursors = ReturnType<typeof createCursors>
