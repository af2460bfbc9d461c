import type { Me } from '#shared/contracts/account'
import { operationKey } from './useOperation'

/** Who is signed in: `undefined` not asked yet, `null` nobody. */
export function useMe() {
  return useState<Me | null | undefined>('me', () => undefined)
}

/**
 * The session in the browser. The token itself is in an HttpOnly cookie that no script can read.
 */
export function useSession() {
  const me = useMe()
  const api = useApi()

  /** Asks once who is signed in. @throws when the server cannot say */
  async function load(): Promise<void> {
    if (me.value !== undefined) return
    try {
      me.value = await api.get<Me>('/auth/me')
    } catch (error) {
      if (toProblem(error).status !== 401) throw error
      me.value = null
    }
  }

  async function signIn(email: string, password: string): Promise<void> {
    me.value = await api.post<Me>('/auth/login', { email, password })
  }

  /** By whichever passkey the person chooses. */
  async function signInByPasskey(): Promise<void> {
    const response = await usePasskeyDialog().answer('/auth/passkeys/sign-in/options')
    me.value = await api.post<Me>('/auth/passkeys/sign-in', { response })
  }
  const recover = async (email: string, code: string, password: string): Promise<void> => {
    const body = { email, code, ...(password === '' ? {} : { password }) }
    me.value = await api.post<Me>('/auth/passkeys/recover', body)
  }
  /** @param password absent: a passkey is added next */
  const takeUpInvitation = async (token: string, password?: string): Promise<void> => {
    me.value = await api.post<Me>('/auth/invitation', { token, ...(password ? { password } : {}) })
  }

  /**
   * Drops everything that was loaded for the session, once the server has ended it. A session that
   * is over already is as good.
   */
  async function leave(ended: Promise<unknown>): Promise<void> {
    await ended.catch((error: unknown) => {
      if (toProblem(error).status !== 401) throw error
    })
    clearNuxtData()
    clearNuxtState([
      'hubspot-connection',
      'hubspot-labels',
      'hubspot-owners',
      'own-fields',
      operationKey,
    ])
    sessionStorage.removeItem(operationKey)
    me.value = null
  }
  /** Ends the session here and on the server. */
  const signOut = () => leave(api.post('/auth/logout'))
  /** Ends all of this user's sessions, wherever they are. */
  const signOutEverywhere = () => leave(api.remove('/auth/sessions'))

  return {
    me,
    load,
    signIn,
    signInByPasskey,
    recover,
    takeUpInvitation,
    signOut,
    signOutEverywhere,
  }
}
