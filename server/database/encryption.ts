import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { EncryptionKey } from '../config/configuration'

const version = 'v1'
const algorithm = 'aes-256-gcm'
const nonceBytes = 12
/**
 * Node takes shorter tags unless told: a 4-byte tag can be forged by trying
 * (docs/security-checklist.md#c1).
 */
const tagBytes = 16
const shape = /^v1\.([A-Za-z0-9_-]{1,32})\.([\w-]{16})\.([\w-]{22})\.([\w-]{2,})$/

/** Where a secret stands: an envelope opens there and nowhere else. */
export interface EnvelopePlace {
  /** 24 hexadecimal characters, or another owner's name such as `meta` */
  partnerId: string
  /** Field name below `hubspot_integration`, such as `access_token` */
  field: string
}

/** Where the key stands that tombstones of erased contacts are made with */
export const erasureKeyPlace: EnvelopePlace = { partnerId: 'meta', field: 'erasure_key' }

export type EnvelopeProblem = 'malformed' | 'unknown_key' | 'not_authentic'

/** Why an envelope does not open. Names the key id at most, never a byte of the content. */
export class EnvelopeError extends Error {
  constructor(
    readonly problem: EnvelopeProblem,
    readonly keyId: string | null = null,
  ) {
    super(`A sealed value cannot be opened: ${problem}${keyId === null ? '' : ` (key ${keyId})`}`)
    this.name = 'EnvelopeError'
  }
}

/**
 * Additional authenticated data: each part with its length before it, so that no two places read
 * the same.
 */
function associatedData(keyId: string, place: EnvelopePlace): Buffer {
  return Buffer.concat(
    [version, keyId, place.partnerId, place.field].flatMap(part => {
      const bytes = Buffer.from(part, 'utf8')
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

/**
 * Base64url has several spellings for one value when its last character has unused bits; only the
 * one that we write counts.
 */
function decodeCanonical(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw new EnvelopeError('malformed')
  return bytes
}

/**
 * @returns the id of the key that an envelope was sealed with, or `null` for what is no envelope
 */
export function keyIdOf(envelope: string): string | null {
  return shape.exec(envelope)?.[1] ?? null
}

/**
 * Seals secrets for MongoDB: `v1.<key id>.<nonce>.<tag>.<ciphertext>`, AES-256-GCM with a random
 * nonce, bound to partner and field.
 * Promise P1: a token is in clear only in memory.
 * @param keys the first one seals, all open
 */
export function createCipher(keys: readonly EncryptionKey[]) {
  const [sealing] = keys
  if (!sealing) throw new TypeError('A cipher needs at least one key')
  const byId = new Map(keys.map(key => [key.id, key.secret]))
  let refusing = false

  const seal = (plaintext: string, place: EnvelopePlace): string => {
    if (refusing) throw new TypeError('Sealing was refused: the keys do not fit this database')
    if (plaintext === '') throw new TypeError('An empty value is not sealed')
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv(algorithm, sealing.secret, nonce, {
      authTagLength: tagBytes,
    }).setAAD(associatedData(sealing.id, place))
    const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
    return [
      version,
      sealing.id,
      ...[nonce, cipher.getAuthTag(), ciphertext].map(bytes => bytes.toString('base64url')),
    ].join('.')
  }

  function open(envelope: string, place: EnvelopePlace): string {
    const [, keyId, nonce, tag, ciphertext] = shape.exec(envelope) ?? []
    if (!keyId || !nonce || !tag || !ciphertext) throw new EnvelopeError('malformed')
    const secret = byId.get(keyId)
    if (!secret) throw new EnvelopeError('unknown_key', keyId)
    const [nonceRaw, tagRaw, ciphertextRaw] = [
      decodeCanonical(nonce),
      decodeCanonical(tag),
      decodeCanonical(ciphertext),
    ]
    try {
      const decipher = createDecipheriv(algorithm, secret, nonceRaw, { authTagLength: tagBytes })
        .setAAD(associatedData(keyId, place))
        .setAuthTag(tagRaw)
      // `update` hands out text before `final` has checked the tag: nothing leaves before both are
      // done.
      const plaintext = Buffer.concat([decipher.update(ciphertextRaw), decipher.final()])
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext)
    } catch {
      throw new EnvelopeError('not_authentic', keyId)
    }
  }

  return {
    /** Id of the key that seals */
    keyId: sealing.id,
    /** Ids of all keys that open */
    keyIds: keys.map(key => key.id),
    /** @returns the envelope of a non-empty text */
    seal,
    /**
     * @returns the text
     * @throws {EnvelopeError} for anything that was not sealed here, for this place, by a known key
     */
    open,
    keyIdOf,
    /**
     * From here on nothing is sealed: what is stored was sealed with other keys of the same names,
     * and must not be overwritten.
     */
    refuseToSeal(): void {
      refusing = true
    },
    /**
     * @returns whether sealing works right now. Asked before HubSpot is called: a token that cannot
     *   be stored is not fetched.
     */
    canSeal(): boolean {
      const place = { partnerId: 'probe', field: 'probe' }
      try {
        return open(seal('probe', place), place) === 'probe'
      } catch {
        return false
      }
    },
  }
}
export type Cipher = ReturnType<typeof createCipher>
