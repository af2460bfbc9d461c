import {
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import { PasskeyNotUsed } from '../utils/problem'

/** The browser's own dialogs for passkeys. */
export function usePasskeyDialog() {
  const request = useRequestFetch() as unknown as <T>(
    path: string,
    options: { method: 'POST' },
  ) => Promise<T>
  const optionsFrom = <T>(path: string) => request<T>(`/api/v1${path}`, { method: 'POST' })

  async function dialog<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw new PasskeyNotUsed(error instanceof Error ? error.name : '')
    }
  }

  return {
    /** @param path of the API's route for what has to be signed */
    async answer(path: string): Promise<Record<string, unknown>> {
      const optionsJSON = await optionsFrom<PublicKeyCredentialRequestOptionsJSON>(path)
      return { ...(await dialog(() => startAuthentication({ optionsJSON }))) }
    },
    /** @param optionsJSON what the API asked for */
    async create(
      optionsJSON: PublicKeyCredentialCreationOptionsJSON,
    ): Promise<Record<string, unknown>> {
      return { ...(await dialog(() => startRegistration({ optionsJSON }))) }
    },
  }
}
