import { keepPage } from './canary'
import { createCookieJar } from './cookie-jar'

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
  signal?: AbortSignal
}

/**
 * A caller without a browser: keeps its cookies, follows no redirect, reads every answer to its
 * end.
 */
export function createClient(url: string) {
  const jar = createCookieJar()
  async function request(
    method: string,
    path: string,
    { json, body, headers = {}, signal }: RequestOptions = {},
  ): Promise<Answer> {
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        ...(jar.cookies.size > 0 ? { cookie: jar.header() } : {}),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? body : JSON.stringify(json),
    })
    jar.take(answer.headers)
    const text = await answer.text()
    // What it may keep and the one route that gives a token out are left aside.
    if (!/\/token(\?|$)/.test(path))
      keepPage(
        'answers',
        [...answer.headers]
          .filter(([name]) => name !== 'set-cookie')
          .map(pair => pair.join(': '))
          .concat(text)
          .join('\n'),
      )
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      parsed = undefined
    }
    return { status: answer.status, headers: answer.headers, text, json: parsed }
  }
  return {
    request,
    get: (path: string, options?: RequestOptions) => request('GET', path, options),
    post: (path: string, json: unknown = {}, options?: RequestOptions) =>
      request('POST', path, { json, ...options }),
    signIn: (email: string, password: string): Promise<Answer> =>
      request('POST', '/api/v1/auth/login', { json: { email, password } }),
    /** What it sends */
    get cookie() {
      return jar.header()
    },
    /** Sends this pair from now on, and no other; nothing when it is empty. */
    useCookie(pair: string) {
      jar.cookies.clear()
      const at = pair.indexOf('=')
      if (at > 0) jar.cookies.set(pair.slice(0, at), pair.slice(at + 1))
    },
  }
}
export type Client = ReturnType<typeof createClient>

/** @returns the stable code of an error of the API, `undefined` for any other answer */
export function codeOf(answer: Answer): string | undefined {
  const data = (answer.json as { data?: { code?: unknown } } | undefined)?.data
  return typeof data?.code === 'string' ? data.code : undefined
}
