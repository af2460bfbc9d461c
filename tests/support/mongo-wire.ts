import { BSON, type Document } from 'mongodb'

/** A message on MongoDB's wire: a header of 16 bytes, then what its kind of message holds. */
const headerBytes = 16
const opMsg = 2013
/** Bit of OP_MSG's flags: four bytes of checksum end the message */
const checksumPresent = 1

/** A command as a client sent it. */
export interface WireCommand {
  requestId: number
  /** Such as `insert` */
  name: string
  /** `null` where the command names none, such as `ping` */
  collection: string | null
  /** The whole message */
  bytes: Buffer
}

/**
 * Cuts a stream of bytes into messages, whatever the pieces they come in.
 * @returns takes more bytes, gives the messages that are now complete
 */
export function createFramer(): (bytes: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return bytes => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    const messages: Buffer[] = []
    while (rest.length >= headerBytes && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0)
      messages.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    return messages
  }
}

/** @returns the id of the request that this message answers */
export const answeredBy = (message: Buffer): number => message.readInt32LE(8)

/** @returns the command of a message; `null` for a message of another kind, such as a first hello */
export function commandOf(message: Buffer): WireCommand | null {
  if (message.readInt32LE(12) !== opMsg) return null
  const body = bodyOf(message)
  if (!body) return null
  const [name] = Object.keys(body)
  if (name === undefined) return null
  const first: unknown = name === 'getMore' ? body.collection : body[name]
  return {
    requestId: message.readInt32LE(4),
    name,
    collection: typeof first === 'string' ? first : null,
    bytes: message,
  }
}

/** @returns the document of an OP_MSG; sequences of documents beside it are left out */
export function bodyOf(message: Buffer): Document | null {
  const end = message.length - (message.readInt32LE(headerBytes) & checksumPresent ? 4 : 0)
  for (let at = headerBytes + 4; at < end;) {
    const kind = message[at]
    const size = message.readInt32LE(at + 1)
    if (kind === 0)
      return BSON.deserialize(message.subarray(at + 1, at + 1 + size), { promoteLongs: false })
    at += 1 + size
  }
  return null
}

/** @returns an OP_MSG that answers `requestId` with this document */
export function answerTo(requestId: number, document: Document): Buffer {
  const body = BSON.serialize(document)
  const head = Buffer.alloc(headerBytes + 5)
  head.writeInt32LE(head.length + body.length, 0)
  head.writeInt32LE(requestId, 8)
  head.writeInt32LE(opMsg, 12)
  return Buffer.concat([head, body])
}
