import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser'
import type { PasskeyList, PasskeyRegistered, RecoveryCodes } from '#shared/contracts/passkeys'

/** The passkeys of who is signed in. */
export function useOwnPasskeys() {
  const api = useApi()
  const me = useMe()

  return {
    list: () => api.get<PasskeyList>('/auth/passkeys'),
    /** @returns recovery codes with the first passkey, `null` later */
    async add(name: string): Promise<string[] | null> {
      const options = await api.post<PublicKeyCredentialCreationOptionsJSON>(
        '/auth/passkeys/registration/options',
      )
      const response = await usePasskeyDialog().create(options)
      const { recoveryCodes } = await api.post<PasskeyRegistered>('/auth/passkeys', {
        name,
        response,
      })
      if (me.value) me.value = { ...me.value, user: { ...me.value.user, mustAddPasskey: false } }
      return recoveryCodes
    },
    remove: (id: string) => api.remove(`/auth/passkeys/${id}`),
    renewCodes: async (): Promise<string[]> =>
      (await api.post<RecoveryCodes>('/auth/passkeys/recovery-codes')).recoveryCodes,
  }
}
