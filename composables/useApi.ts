type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Query = Record<string, string | number | undefined>

/** `$fetch` without Nitro's route inference: the contract's types are given by the caller. */
type Fetcher = <T>(
  path: string,
  options?: {
    method?: Method
    query?: Query
    body?: Record<string, unknown> | Blob
    signal?: AbortSignal
    retry?: number
    headers?: Record<string, string>
    responseType?: 'text'
  },
) => Promise<T>

/**
 * The one way to the API. On the server the visitor's cookies travel along, and nothing is shared
 * between requests. In the browser an ended session asks to sign in again over the page, and what was
 * refused is sent again.
 * @throws what `$fetch` throws; `toProblem` makes words of it
 */
export function useApi() {
  const request = useRequestFetch() as unknown as Fetcher
  const nuxtApp = useNuxtApp()
  const me = useMe()
  const stepUp = useStepUp()
  const signInAgain = useSignInAgain()
  /** Who signs out need not sign in for it. */
  const isLeaving = (method: Method, path: string) =>
    path === '/auth/logout' || (method === 'DELETE' && path === '/auth/sessions')

  async function call<T>(
    method: Method,
    path: string,
    options: {
      query?: Query
      body?: Record<string, unknown> | Blob
      signal?: AbortSignal
      headers?: Record<string, string>
      responseType?: 'text'
    } = {},
  ): Promise<T> {
    try {
      // ofetch would ask again at once, whatever Retry-After says.
      const answer = await request<T>(`/api/v1${path}`, { method, retry: 0, ...options })
      // It hands out what is not JSON as text: a proxy's page, or an answer that was cut off.
      if (!options.responseType && typeof answer === 'string' && answer !== '')
        throw new TypeError('The answer is not JSON')
      return answer
    } catch (error) {
      const { code } = toProblem(error)
      if (import.meta.client && code === 'step_up_required' && (await stepUp.ask()))
        return await call<T>(method, path, options)
      if (import.meta.client && code === 'passkey_required' && me.value) {
        await nuxtApp.runWithContext(() => navigateTo('/settings/account'))
      }
      if (import.meta.client && me.value && code === 'not_signed_in' && !isLeaving(method, path)) {
        if (await signInAgain.ask()) return await call<T>(method, path, options)
        me.value = null
        await nuxtApp.runWithContext(() =>
          navigateTo({
            path: '/login',
            query: { next: nuxtApp.$router.currentRoute.value.fullPath, ended: '1' },
          }),
        )
      }
      throw error
    }
  }

  return {
    get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
      call<T>('GET', path, { query, signal }),
    /** A route's other form of answer, for what no plain link can ask for */
    csv: (path: string, query?: Query) =>
      call<string>('GET', path, { query, headers: { accept: 'text/csv' }, responseType: 'text' }),
    post: <T>(path: string, body: Record<string, unknown> = {}) => call<T>('POST', path, { body }),
    /** Makes a record once, however often it is sent. @param key names the draft */
    create: <T>(path: string, body: Record<string, unknown>, key: string) =>
      call<T>('POST', path, { body, headers: { 'Idempotency-Key': key } }),
    /** Sends a file as it is. @param type its media type */
    upload: <T>(path: string, file: Blob, type: string) =>
      call<T>('POST', path, { body: file, headers: { 'Content-Type': type } }),
    put: <T>(path: string, body: Record<string, unknown>) => call<T>('PUT', path, { body }),
    patch: <T>(path: string, body: Record<string, unknown>) => call<T>('PATCH', path, { body }),
    remove: <T>(path: string, body?: Record<string, unknown>) =>
      call<T>('DELETE', path, body ? { body } : {}),
  }
}
