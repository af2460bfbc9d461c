import type { Collections } from '../database/collections'
import {
  EnvelopeError,
  erasureKeyPlace,
  type Cipher,
  type EnvelopePlace,
} from '../database/encryption'
import { createErasureKeyStore } from '../database/erasure-key'
import { createIntegrationRepository } from './repository'
import { partnersWithSealedValues, type SealedValue } from './sealed-values'

export interface RotationReport {
  /** Partners with something sealed */
  partners: number
  /** Values that were under the first key before */
  current: number
  rotated: number
  /**
   * Values that a refresh replaced while they were being sealed again: they are under the first key
   * anyway
   */
  overtaken: number
  /** Values that open with no key; left as they are */
  unreadable: { partnerId: string; field: string; problem: string; keyId: string | null }[]
  /** How many values each key sealed, by its id, as found */
  byKey: Record<string, number>
}

export interface RotationOptions {
  collections: Collections
  cipher: Cipher
  /** Only opens and counts */
  verify?: boolean
  /** Called after each partner */
  onProgress?: (report: RotationReport) => void
}

/**
 * Seals everything again under the first key while the app runs (docs/architecture.md#tokens). Each
 * value is one compare-and-set against the very envelope that was read, so a refresh at the same
 * time wins; ended half-way, the next run goes on with what is left.
 */
export async function rotateKeys({
  collections,
  cipher,
  verify = false,
  onProgress = () => {},
}: RotationOptions): Promise<RotationReport> {
  const integrations = createIntegrationRepository({ collections })
  const erasureKey = createErasureKeyStore(collections)
  const report: RotationReport = {
    partners: 0,
    current: 0,
    rotated: 0,
    overtaken: 0,
    unreadable: [],
    byKey: {},
  }

  async function reseal({
    envelope,
    replace,
    ...place
  }: EnvelopePlace & {
    envelope: string
    replace(sealed: string): Promise<boolean>
  }): Promise<void> {
    const keyId = cipher.keyIdOf(envelope)
    report.byKey[keyId ?? 'none'] = (report.byKey[keyId ?? 'none'] ?? 0) + 1
    let plaintext: string
    try {
      plaintext = cipher.open(envelope, place)
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      report.unreadable.push({ ...place, problem: error.problem, keyId: error.keyId })
      return
    }
    if (keyId === cipher.keyId) report.current++
    else if (!verify) {
      const sealed = cipher.seal(plaintext, place)
      if (await replace(sealed)) report.rotated++
      else report.overtaken++
    }
  }

  const handle = ({ partnerId, field, envelope }: SealedValue): Promise<void> =>
    reseal({
      partnerId: partnerId.toHexString(),
      field,
      envelope,
      replace: sealed => integrations.replaceEnvelope(partnerId, field, envelope, sealed),
    })

  /** The key of the tombstones, where one has been made */
  async function handleErasureKey(): Promise<void> {
    const envelope = await erasureKey.find()
    if (envelope !== null)
      await reseal({
        ...erasureKeyPlace,
        envelope,
        replace: sealed => erasureKey.replace(envelope, sealed),
      })
  }

  await handleErasureKey()
  for await (const values of partnersWithSealedValues(collections)) {
    for (const value of values) await handle(value)
    report.partners++
    onProgress(report)
  }
  return report
}
