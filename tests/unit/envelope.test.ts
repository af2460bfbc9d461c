import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, describe, expect, test, vi } from 'vitest'
import {
  createCipher,
  EnvelopeError,
  keyIdOf,
  type EnvelopePlace,
} from '../../server/database/encryption'
import { present } from '../support/present'

vi.setConfig({ testTimeout: 60_000 })

const key = (id: string) => ({ id, secret: randomBytes(32) })
const keys = [key('k2'), key('k1')]
const cipher = createCipher(keys)
const place: EnvelopePlace = { partnerId: '64b000000000000000000001', field: 'access_token' }
const secret = 'CJSP5qf1KhICAQEYs-gDIIGOBii1hQIyGQAf3xBKmlwHjX7OIpuIFEavB2'

type Opener = Pick<typeof cipher, 'open'>
type Tampered = [envelope: string, at?: EnvelopePlace]

let tampered = 0
/** @returns how many of them opened, or failed in another way than they should */
function openedOf(cases: Iterable<Tampered>, by: Opener = cipher): number {
  let opened = 0
  for (const [envelope, at = place] of cases) {
    tampered++
    try {
      by.open(envelope, at)
      opened++
    } catch (error) {
      if (!(error instanceof EnvelopeError)) opened++
    }
  }
  return opened
}
function refuses(envelope: string, at: EnvelopePlace = place, by: Opener = cipher): void {
  expect(openedOf([[envelope, at]], by)).toBe(0)
}

function* flippedBits(): Generator<Tampered> {
  for (let round = 0; round < 6; round++) {
    const bytes = Buffer.from(cipher.seal(secret, place), 'latin1')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      yield [changed.toString('latin1')]
    }
  }
}

/** The same letters of partner and field with the border between them moved */
function* movedBorders(): Generator<Tampered> {
  const text = place.partnerId + place.field
  for (let border = 0; border <= text.length; border++) {
    if (border !== place.partnerId.length)
      yield [
        cipher.seal(secret, place),
        { partnerId: text.slice(0, border), field: text.slice(border) },
      ]
  }
}

afterAll(() => {
  console.info(`envelope: ${tampered} tampered envelopes, 0 opened`)
  expect(tampered).toBeGreaterThanOrEqual(5000)
})

describe('an envelope', () => {
  test('opens where it was sealed, by any of the keys', () => {
    const text = fc
      .string({ minLength: 1, maxLength: 300, unit: 'binary' })
      .map(value => value.toWellFormed())
      .filter(value => value !== '')
    fc.assert(
      fc.property(text, value => {
        expect(cipher.open(cipher.seal(value, place), place)).toBe(value)
      }),
      { numRuns: 300 },
    )
    // The longest that HubSpot's tokens are taken at
    expect(cipher.open(cipher.seal('x'.repeat(8192), place), place)).toHaveLength(8192)
    const old = createCipher([present(keys[1])]).seal(secret, place)
    expect(keyIdOf(old)).toBe('k1')
    expect(cipher.open(old, place)).toBe(secret)
    expect(keyIdOf(cipher.seal(secret, place))).toBe('k2')
    expect(cipher.canSeal()).toBe(true)
  })

  test('never repeats a nonce', () => {
    const nonces = new Set(
      Array.from({ length: 20_000 }, () => cipher.seal('x', place).split('.')[2]),
    )
    expect(nonces.size).toBe(20_000)
  })

  test('does not open with any one bit flipped', () => {
    expect(openedOf(flippedBits())).toBe(0)
  })

  test('does not open cut short at any length', () => {
    const envelope = cipher.seal(secret, place)
    for (let length = 0; length < envelope.length; length++) refuses(envelope.slice(0, length))
  })

  test('does not open for another partner or field', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (partnerId, field) => {
        fc.pre(partnerId !== place.partnerId || field !== place.field)
        refuses(cipher.seal(secret, place), { partnerId, field })
      }),
      { numRuns: 500 },
    )
    expect(openedOf(movedBorders())).toBe(0)
  })

  test('would be seen to open, by the same cases, without its place or its tag', () => {
    const counted = tampered
    const withoutPlace: Opener = { open: envelope => cipher.open(envelope, place) }
    const cases = [...movedBorders()]
    expect(openedOf(cases, withoutPlace)).toBe(cases.length)
    const withoutTag: Opener = {
      open(envelope) {
        const [, , nonce = '', , ciphertext = ''] = envelope.split('.')
        return createDecipheriv(
          'aes-256-gcm',
          present(keys[0]).secret,
          Buffer.from(nonce, 'base64url'),
          {
            authTagLength: 16,
          },
        )
          .update(Buffer.from(ciphertext, 'base64url'))
          .toString()
      },
    }
    expect(openedOf(flippedBits(), withoutTag)).toBeGreaterThan(1000)
    tampered = counted
  })

  test('does not open in any other spelling of the same bytes', () => {
    const envelope = cipher.seal(`${secret}x`, place)
    const parts = envelope.split('.')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let part = 2; part < 5; part++) {
      const text = present(parts[part])
      const same = [...alphabet]
        .map(letter => text.slice(0, -1) + letter)
        .filter(other => other !== text)
      for (const other of [
        ...same,
        `${text}=`,
        `${text}==`,
        ` ${text}`,
        `${text}\n`,
        text.replaceAll('-', '+').replaceAll('_', '/') + '=',
      ]) {
        refuses(parts.map((value, index) => (index === part ? other : value)).join('.'))
      }
    }
    refuses(`${envelope}.`)
    refuses(`${envelope}.AAAA`)
    refuses(envelope.toUpperCase())
  })

  test('takes no short tag, no other nonce length, no other version or key', () => {
    for (const tagLength of [4, 8, 12, 13, 14, 15] as const) {
      const nonce = randomBytes(12)
      const made = createCipheriv('aes-256-gcm', present(keys[0]).secret, nonce, {
        authTagLength: tagLength,
      })
      const ciphertext = Buffer.concat([made.update(secret, 'utf8'), made.final()])
      refuses(
        [
          'v1',
          'k2',
          ...[nonce, made.getAuthTag(), ciphertext].map(value => value.toString('base64url')),
        ].join('.'),
      )
    }
    const envelope = cipher.seal(secret, place)
    refuses(envelope.replace('v1.', 'v2.'))
    refuses(envelope.replace('.k2.', '.k1.'))
    refuses(envelope.replace('.k2.', '.k9.'))
    refuses(envelope, place, createCipher([key('k2')]))
    refuses('')
    refuses(secret)
  })

  test('says which key it lacks and nothing of what is inside', () => {
    const foreign = createCipher([key('lost')]).seal(secret, place)
    try {
      cipher.open(foreign, place)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ name: 'EnvelopeError', problem: 'unknown_key', keyId: 'lost' })
      expect(String(error)).not.toContain(secret.slice(0, 6))
    }
  })
})
