import type { Collections } from '../database/collections'
import { isDuplicateKey } from '../database/duplicate-key'
import { createCipher, EnvelopeError, keyIdOf, type Cipher } from '../database/encryption'
import type { EncryptionKey } from '../config/configuration'
import { partnersWithSealedValues } from './sealed-values'

export interface StoredEnvelopesReport {
  /**
   * `false`: the keys do not fit this database. The server must say that it is not ready, and
   * nothing may be overwritten.
   */
  ok: boolean
  /** `false`: a key of a known id has another value; nothing may be sealed */
  sealable: boolean
  /** In plain words, naming key ids and counts only */
  problems: string[]
  /** Values sealed under keys that are not configured, by key id */
  unknownKeys: Record<string, number>
  /**
   * Partners with a value that is damaged although its key is there; each is concerned alone, the
   * others work
   */
  damaged: string[]
}

const canaryText = 'partner-connector'
/** Where the value stands that proves a key */
export const canaryPlace = (keyId: string) => ({ partnerId: 'meta', field: `key_canary:${keyId}` })

/**
 * Proves each key against the value it sealed when it was first seen: a key of the same id with
 * other bytes is found out before anything is sealed with it. Several processes may do this at
 * once.
 */
async function checkCanaries(
  collections: Collections,
  keys: readonly EncryptionKey[],
): Promise<string[]> {
  const problems: string[] = []
  for (const key of keys) {
    const cipher = createCipher([key])
    const place = canaryPlace(key.id)
    const find = () => collections.meta.findOne({ _id: place.field })
    let canary = await find()
    if (!canary) {
      try {
        await collections.meta.insertOne({
          _id: place.field,
          envelope: cipher.seal(canaryText, place),
        })
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
      canary = await find()
    }
    try {
      if (cipher.open(String(canary?.envelope), place) !== canaryText)
        throw new EnvelopeError('not_authentic', key.id)
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      problems.push(
        `The encryption key "${key.id}" is not the one that this database was sealed ` +
          'with: it has the same id and another value. Restore the right value in ' +
          'NUXT_TOKEN_ENCRYPTION_KEYS, or give the new key an id of its own.',
      )
    }
  }
  return problems
}

/**
 * Whether the configured keys fit what is stored (docs/architecture.md#tokens,
 * docs/security-checklist.md#c4, #c5). Reads everything sealed; writes nothing but a canary for a
 * new key.
 * @param keys as configured, the first one seals
 */
export async function checkStoredEnvelopes({
  collections,
  keys,
}: {
  collections: Collections
  keys: readonly EncryptionKey[]
}): Promise<StoredEnvelopesReport> {
  const cipher: Cipher = createCipher(keys)
  const unknownKeys: Record<string, number> = {}
  const damaged: string[] = []
  let opened = 0
  for await (const values of partnersWithSealedValues(collections)) {
    for (const { partnerId, field, envelope } of values) {
      const keyId = keyIdOf(envelope)
      if (keyId !== null && !cipher.keyIds.includes(keyId)) {
        unknownKeys[keyId] = (unknownKeys[keyId] ?? 0) + 1
        continue
      }
      try {
        cipher.open(envelope, { partnerId: partnerId.toHexString(), field })
        opened++
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error
        if (damaged.at(-1) !== partnerId.toHexString()) damaged.push(partnerId.toHexString())
      }
    }
  }
  const problems = Object.entries(unknownKeys).map(
    ([keyId, count]) =>
      `${count} stored ${count === 1 ? 'token needs' : 'tokens need'} the encryption key ` +
      `"${keyId}", which NUXT_TOKEN_ENCRYPTION_KEYS does not hold. Add it behind the ` +
      'first key and restart; npm run keys:rotate makes it removable.',
  )
  // Nothing opens although all keys are there by name: the values of the keys are others. No canary
  // is made with them.
  const wrong =
    damaged.length > 1 && opened === 0
      ? [
          'No stored token opens with the configured encryption keys. Restore the right ' +
            'values in NUXT_TOKEN_ENCRYPTION_KEYS.',
        ]
      : await checkCanaries(collections, keys)
  problems.push(...wrong)
  return { ok: problems.length === 0, sealable: wrong.length === 0, problems, unknownKeys, damaged }
}
