import type { ObjectId } from 'mongodb'
import type { DoctorCheck } from '#shared/contracts/insight'
import { partnersWithSealedValues } from '../connection/sealed-values'
import { canaryPlace } from '../connection/stored-envelopes'
import type { Collections } from '../database/collections'
import { EnvelopeError, type Cipher, type EnvelopeProblem } from '../database/encryption'
import { fail, pass, warn } from './check'

const id = 'encryption_keys'

/** @returns the ids of configured keys that are not the ones this database was sealed with */
async function changedKeys(collections: Collections, cipher: Cipher): Promise<string[]> {
  const changed: string[] = []
  for (const keyId of cipher.keyIds) {
    const place = canaryPlace(keyId)
    const canary = await collections.meta.findOne({ _id: place.field })
    if (!canary) continue
    try {
      cipher.open(String(canary.envelope), place)
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      changed.push(keyId)
    }
  }
  return changed
}

/**
 * Whether what is stored can be opened with the keys that are configured.
 * @param partnerId one partner, or `null` for all of them (the shell's doctor)
 */
export async function examineEncryption({
  collections,
  cipher,
  partnerId,
}: {
  collections: Collections
  cipher: Cipher
  partnerId: ObjectId | null
}): Promise<DoctorCheck[]> {
  if (!cipher.canSeal())
    return [
      fail(
        id,
        'The first encryption key cannot encrypt.',
        'Check NUXT_TOKEN_ENCRYPTION_KEYS: id:base64 of 32 bytes. No token is asked for ' +
          'from HubSpot until it can be stored.',
      ),
    ]
  const changed = await changedKeys(collections, cipher)
  if (changed.length > 0)
    return [
      fail(
        id,
        `Not the keys that this database was sealed with: ${changed.join(', ')} ` +
          `${changed.length === 1 ? 'has' : 'have'} another value than before.`,
        'Restore the right value in NUXT_TOKEN_ENCRYPTION_KEYS, or give a new key an id ' +
          'of its own.',
      ),
    ]
  const problems = new Map<EnvelopeProblem, number>()
  const unknownKeys = new Set<string>()
  let opened = 0
  let older = 0
  for await (const values of partnersWithSealedValues(collections, partnerId)) {
    for (const { partnerId: owner, field, envelope } of values) {
      try {
        cipher.open(envelope, { partnerId: owner.toHexString(), field })
        opened++
        if (cipher.keyIdOf(envelope) !== cipher.keyId) older++
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error
        problems.set(error.problem, (problems.get(error.problem) ?? 0) + 1)
        if (error.problem === 'unknown_key' && error.keyId) unknownKeys.add(error.keyId)
      }
    }
  }
  if (unknownKeys.size > 0)
    return [
      fail(
        id,
        `${problems.get('unknown_key')} stored ` +
          `${problems.get('unknown_key') === 1 ? 'token needs' : 'tokens need'} a key that ` +
          `is not configured: ${[...unknownKeys].join(', ')}.`,
        'Put the missing key back behind the first one in NUXT_TOKEN_ENCRYPTION_KEYS and ' +
          'restart. Nothing was deleted; nobody has to connect again.',
      ),
    ]
  const damaged = [...problems.values()].reduce((sum, count) => sum + count, 0)
  if (damaged > 0)
    return [
      fail(
        id,
        `${damaged} stored ${damaged === 1 ? 'token does' : 'tokens do'} not open: the ` +
          'key with that id has another value, or the record was changed.',
        'Compare NUXT_TOKEN_ENCRYPTION_KEYS with the keys of before; if they are right, ' +
          'restore the record or connect again.',
      ),
    ]
  if (older > 0)
    return [
      warn(
        id,
        `Everything stored can be opened (${opened}); ${older} still under an older key.`,
        'Run "npm run keys:rotate"; the old key can be removed when it reports none left.',
      ),
    ]
  return [
    pass(
      id,
      opened === 0
        ? 'The keys work; nothing is stored under them yet.'
        : `Everything stored can be opened (${opened}), all under the first key.`,
    ),
  ]
}
