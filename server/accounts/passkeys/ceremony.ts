import { Binary, type ObjectId } from 'mongodb'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers'
import { z } from 'zod'
import type {
  AssertionResponse,
  CeremonyOptions,
  RegistrationResponse,
} from '#shared/contracts/passkeys'
import type { PasskeyDocument } from '../../database/documents'

const productName = 'Partner Connector'
/** How long the browser's dialog stays open, and how long a challenge counts */
export const ceremonyTimeoutMs = 5 * 60 * 1000

/** ES256, RS256 and EdDSA: what authenticators of today sign with (COSE algorithm numbers) */
const algorithms = [-7, -257, -8]

const ClientData = z.looseObject({
  challenge: z
    .string()
    .min(16)
    .max(200)
    .regex(/^[\w-]+$/),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.unknown().optional(),
})

/** Why an answer was refused; for the log, never for the caller. */
export class CeremonyRefused extends Error {}

/**
 * The two ceremonies of WebAuthn, with what we ask for: discoverable credentials, the person
 * verified (a PIN, a finger), no attestation, our own origin and no frame.
 * @param origin scheme and host of the app; its host is the relying party's id
 */
export function createCeremony({ origin }: { origin: string }) {
  const rpID = new URL(origin).hostname

  /** @returns the challenge that the answer signs. @throws {CeremonyRefused} */
  function challengeOf(clientDataJSON: string): string {
    let parsed: unknown
    try {
      parsed = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'))
    } catch {
      throw new CeremonyRefused('client data is no JSON')
    }
    const data = ClientData.safeParse(parsed)
    if (!data.success) throw new CeremonyRefused('client data has no challenge')
    // The library takes some answers from frames; ours is never in one.
    if (data.data.crossOrigin || data.data.topOrigin !== undefined)
      throw new CeremonyRefused('made in a frame of another origin')
    return data.data.challenge
  }

  /** The library throws plain errors for everything that does not fit. */
  async function refusing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw new CeremonyRefused(error instanceof Error ? error.message : 'unreadable')
    }
  }

  return {
    challengeOf,

    async registrationOptions(
      user: { id: ObjectId; email: string },
      passkeys: PasskeyDocument[],
    ): Promise<CeremonyOptions> {
      return {
        ...(await generateRegistrationOptions({
          rpName: productName,
          rpID,
          userID: new Uint8Array(user.id.id),
          userName: user.email,
          timeout: ceremonyTimeoutMs,
          attestationType: 'none',
          excludeCredentials: passkeys.map(({ credential_id, transports }) => ({
            id: credential_id,
            transports,
          })),
          authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
          supportedAlgorithmIDs: algorithms,
        })),
      }
    },

    /** @param passkeys those that may answer; none named: whichever the person chooses */
    async signInOptions(passkeys: PasskeyDocument[] = []): Promise<CeremonyOptions> {
      return {
        ...(await generateAuthenticationOptions({
          rpID,
          timeout: ceremonyTimeoutMs,
          userVerification: 'required',
          allowCredentials: passkeys.map(({ credential_id, transports }) => ({
            id: credential_id,
            transports,
          })),
        })),
      }
    },

    /** @throws {CeremonyRefused} */
    async verifyRegistration(response: RegistrationResponse, challenge: string) {
      return await refusing(async () => {
        const attestation = decodeAttestationObject(
          isoBase64URL.toBuffer(response.response.attestationObject),
        )
        // Certificates that a caller makes up are not followed: their check fetches addresses that
        // they name.
        const format = attestation.get('fmt')
        if (format !== 'none' && (format !== 'packed' || attestation.get('attStmt').get('x5c')))
          throw new CeremonyRefused('attestation was not asked for')
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response: { ...response, clientExtensionResults: {} },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
          supportedAlgorithmIDs: algorithms,
        })
        if (!verified) throw new CeremonyRefused('not verified')
        const { credential, credentialBackedUp } = registrationInfo
        return {
          credentialId: credential.id,
          publicKey: new Binary(credential.publicKey),
          counter: credential.counter,
          backedUp: credentialBackedUp,
        }
      })
    },

    /** @throws {CeremonyRefused} */
    async verifyAssertion(
      { response: { userHandle, ...signed }, ...response }: AssertionResponse,
      challenge: string,
      passkey: PasskeyDocument,
    ): Promise<{ counter: number; backedUp: boolean }> {
      // The handle is the user's id: an answer must not name somebody else.
      if (userHandle && userHandle !== Buffer.from(passkey.user_id.id).toString('base64url'))
        throw new CeremonyRefused("the handle is another person's")
      return await refusing(async () => {
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: { ...response, response: signed, clientExtensionResults: {} },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
          credential: {
            id: passkey.credential_id,
            publicKey: new Uint8Array(passkey.public_key.buffer),
            counter: passkey.counter,
          },
        })
        if (!verified) throw new CeremonyRefused('the signature is not right')
        return {
          counter: authenticationInfo.newCounter,
          backedUp: authenticationInfo.credentialBackedUp,
        }
      })
    },
  }
}
export type Ceremony = ReturnType<typeof createCeremony>
