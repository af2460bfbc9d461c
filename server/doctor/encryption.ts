import type { ObjectId } from 'mongodb'
import type { DoctorCheck } from '../../shared/contracts/insight'
import { sealedFields } from '../connection/vault'
import type { Collections } from '../database/collections'
import type { PartnerDocument } from '../database/documents'
import { EnvelopeError, type Cipher, type EnvelopeProblem } from '../database/envelope'
import { fail, pass, warn } from './check'

const id = 'encryption_keys'

/** The envelopes of one partner, each with the name of the field that it is bound to. */
function envelopesOf({ hubspot_integration }: Pick<PartnerDocument, 'hubspot_integration'>): { field: string, envelope: string }[] {
  return sealedFields.flatMap((field) => {
    const value = field.split('.').reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), hubspot_integration)
    return typeof value === 'string' ? [{ field, envelope: value }] : []
  })
}

/**
 * Whether what is stored can be opened with the keys that are configured.
 * @param partnerId one partner, or `null` for all of them (the shell's doctor)
 */
export async function examineEncryption({ collections, cipher, partnerId }: { collections: Collections, cipher: Cipher, partnerId: ObjectId | null }): Promise<DoctorCheck[]> {
  if (!cipher.canSeal()) return [fail(id, 'The first encryption key cannot encrypt.', 'Check NUXT_TOKEN_ENCRYPTION_KEYS: id:base64 of 32 bytes. No token is asked for from HubSpot until it can be stored.')]
  const problems = new Map<EnvelopeProblem, number>()
  const unknownKeys = new Set<string>()
  let opened = 0
  let older = 0
  const partners = collections.partners.find(partnerId ? { _id: partnerId } : { hubspot_integration: { $ne: null } }, { projection: { hubspot_integration: 1 } })
  for await (const partner of partners) {
    for (const { field, envelope } of envelopesOf(partner)) {
      try {
        cipher.open(envelope, { partnerId: partner._id.toHexString(), field })
        opened++
        if (cipher.keyIdOf(envelope) !== cipher.keyId) older++
      }
      catch (error) {
        if (!(error instanceof EnvelopeError)) throw error
        problems.set(error.problem, (problems.get(error.problem) ?? 0) + 1)
        if (error.problem === 'unknown_key' && error.keyId) unknownKeys.add(error.keyId)
      }
    }
  }
  if (unknownKeys.size > 0) return [fail(id, `${problems.get('unknown_key')} stored ${problems.get('unknown_key') === 1 ? 'token needs' : 'tokens need'} a key that is not configured: ${[...unknownKeys].join(', ')}.`, 'Put the missing key back behind the first one in NUXT_TOKEN_ENCRYPTION_KEYS and restart. Nothing was deleted; nobody has to connect again.')]
  const damaged = [...problems.values()].reduce((sum, count) => sum + count, 0)
  if (damaged > 0) return [fail(id, `${damaged} stored ${damaged === 1 ? 'token does' : 'tokens do'} not open: the key with that id has another value, or the record was changed.`, 'Compare NUXT_TOKEN_ENCRYPTION_KEYS with the keys of before; if they are right, restore the record or connect again.')]
  if (older > 0) return [warn(id, `Everything stored can be opened (${opened}); ${older} still under an older key.`, 'Run "npm run keys:rotate"; the old key can be removed when it reports none left.')]
  return [pass(id, opened === 0 ? 'The keys work; nothing is stored under them yet.' : `Everything stored can be opened (${opened}), all under the first key.`)]
}
