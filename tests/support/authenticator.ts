import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import type { AssertionResponse, RegistrationResponse } from '#shared/contracts/passkeys'

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

/** The little of CBOR that an attestation needs (RFC 8949). */
function cbor(value: number | string | Buffer | Map<number | string, unknown>): Buffer {
  const head = (major: number, size: number): Buffer =>
    size < 24
      ? Buffer.from([(major << 5) | size])
      : size < 256
        ? Buffer.from([(major << 5) | 24, size])
        : Buffer.from([(major << 5) | 25, size >> 8, size & 255])
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return Buffer.concat([head(3, bytes.length), bytes])
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([
    head(5, value.size),
    ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item as Parameters<typeof cbor>[0])]),
  ])
}

/** A key pair as COSE names it: ES256 on P-256 (RFC 9053). */
function newKey(): { privateKey: KeyObject; cose: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const cose = cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  )
  return { privateKey, cose }
}

export interface Forgery {
  origin?: string
  rpId?: string
  challenge?: string
  counter?: number
  /** The person was verified, such as by a PIN */
  isVerified?: boolean
  isPresent?: boolean
  type?: string
  crossOrigin?: boolean
  topOrigin?: string
  userHandle?: string
  /** What the signature is made over, instead of the right bytes */
  signs?: Buffer
  /** Another authenticator's key */
  key?: KeyObject
}

/**
 * An authenticator with one passkey, in software. It signs whatever it is told: what a browser would
 * never send as well.
 */
export function createAuthenticator(origin: string) {
  const { privateKey, cose } = newKey()
  const id = randomBytes(16)
  const rpId = new URL(origin).hostname
  let counter = 0
  let handle = ''

  const flagsOf = ({ isVerified = true, isPresent = true }: Forgery, attested: boolean) =>
    (isPresent ? 0x01 : 0) | (isVerified ? 0x04 : 0) | (attested ? 0x40 : 0)
  function authenticatorData(forgery: Forgery, attested: Buffer | null, count: number): Buffer {
    const tail = Buffer.alloc(5)
    tail[0] = flagsOf(forgery, attested !== null)
    tail.writeUInt32BE(count >>> 0, 1)
    const hash = createHash('sha256')
      .update(forgery.rpId ?? rpId)
      .digest()
    return Buffer.concat([hash, tail, attested ?? Buffer.alloc(0)])
  }
  const clientData = (type: string, asked: string, forgery: Forgery): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: forgery.type ?? type,
        challenge: forgery.challenge ?? asked,
        origin: forgery.origin ?? origin,
        crossOrigin: forgery.crossOrigin ?? false,
        ...(forgery.topOrigin === undefined ? {} : { topOrigin: forgery.topOrigin }),
      }),
    )

  return {
    id: base64url(id),
    privateKey,
    get counter() {
      return counter
    },

    /** Answers `navigator.credentials.create`. */
    register(
      options: { challenge: string; user?: unknown },
      forgery: Forgery & { statement?: Map<string, unknown>; format?: string } = {},
    ): RegistrationResponse {
      handle = (options.user as { id: string } | undefined)?.id ?? ''
      const attested = Buffer.concat([
        Buffer.alloc(16),
        Buffer.from([0, id.length]),
        id,
        Buffer.from(cose),
      ])
      const attestation = cbor(
        new Map<string, unknown>([
          ['fmt', forgery.format ?? 'none'],
          ['attStmt', forgery.statement ?? new Map()],
          ['authData', authenticatorData(forgery, attested, counter)],
        ]),
      )
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: 'public-key',
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', options.challenge, forgery)),
          attestationObject: base64url(attestation),
          transports: ['internal'],
        },
      }
    },

    /** Answers `navigator.credentials.get`. */
    assert(options: { challenge: string }, forgery: Forgery = {}): AssertionResponse {
      const count = forgery.counter ?? ++counter
      const data = authenticatorData(forgery, null, count)
      const client = clientData('webauthn.get', options.challenge, forgery)
      const signed =
        forgery.signs ?? Buffer.concat([data, createHash('sha256').update(client).digest()])
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: 'public-key',
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(sign('sha256', signed, forgery.key ?? privateKey)),
          userHandle: (forgery.userHandle ?? handle) || undefined,
        },
      }
    },
  }
}
export type Authenticator = ReturnType<typeof createAuthenticator>
