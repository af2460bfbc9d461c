export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON, `undefined` when it is none */
  json: unknown
}

export interface RequestOptions {
  json?: unknown
  /** Body as it is, instead of `json` */
  body?: BodyInit
  headers?: Record<string, string>
}

/** A caller without a browser: keeps its cookie, follows no redirect, reads every answer to its end. */
export function createClient(url: string) {
  let cookie = ''
  async function request(method: string, path: string, { json, body, headers = {} }: RequestOptions = {}): Promise<Answer> {
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(cookie ? { cookie } : {}), ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: json === undefined ? body : JSON.stringify(json),
    })
    const text = await answer.text()
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    }
    catch {
      parsed = undefined
    }
    return { status: answer.status, headers: answer.headers, text, json: parsed }
  }
  return {
    request,
    get: (path: string, options?: RequestOptions) => request('GET', path, options),
    post: (path: string, json: unknown = {}, options?: RequestOptions) => request('POST', path, { json, ...options }),
    async signIn(email: string, password: string): Promise<Answer> {
      const answer = await request('POST', '/api/v1/auth/login', { json: { email, password } })
      cookie = answer.headers.getSetCookie().map(line => line.split(';')[0] ?? '').find(pair => pair.startsWith('access_token=')) ?? ''
      return answer
    },
    get cookie() {
      return cookie
    },
    useCookie(value: string) {
      cookie = value
    },
  }
}
export type Client = ReturnType<typeof createClient>

/** @returns the stable code of an error of the API, `undefined` for any other answer */
export function codeOf(answer: Answer): string | undefined {
  const data = (answer.json as { data?: { code?: unknown } } | undefined)?.data
  return typeof data?.code === 'string' ? data.code : undefined
}
