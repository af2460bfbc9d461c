import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { getCookie, setCookie, type H3Event } from 'h3'

export const knownBrowserCookie = 'known_browser'
/** Browsers keep no cookie longer than this (RFC 6265bis), s */
const lifetimeSeconds = 400 * 24 * 60 * 60
/** Accounts that one browser is known by, the latest ones */
const mostAccounts = 5
const shape = /^v1\.([\w-]{22})((?:\.[\w-]{22}){1,5})\.([\w-]{43})$/

export interface KnownBrowsersDeps {
  secret: Uint8Array
  formerSecrets: readonly Uint8Array[]
  /** Secure cookies: the app's origin is https */
  secure: boolean
}

/**
 * Remembers, in a signed cookie, which accounts signed in from a browser before. It opens nothing:
 * it only decides which counter of the sign-in throttle counts. Form:
 * `v1.<random id>.<account>….<MAC>`, each account as a keyed hash of its e-mail address.
 */
export function createKnownBrowsers({ secret, formerSecrets, secure }: KnownBrowsersDeps) {
  const keys = [secret, ...formerSecrets].map(one =>
    Buffer.from(hkdfSync('sha256', one, '', 'partner-connector known browser', 32)),
  )
  const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const accountOf = (key: Buffer, email: string) =>
    mac(key, `account:${email.trim().toLowerCase()}`).subarray(0, 16).toString('base64url')

  function parse(cookie: string | undefined) {
    const [, id, accounts, signature] = shape.exec(cookie ?? '') ?? []
    if (id === undefined || accounts === undefined || signature === undefined) return null
    const given = Buffer.from(signature, 'base64url')
    const key = keys.find(one => timingSafeEqual(mac(one, `v1.${id}${accounts}`), given))
    return key ? { id, key, accounts: accounts.slice(1).split('.') } : null
  }

  return {
    /** @returns the browser's id, when this account signed in from it before; else `null` */
    find(event: H3Event, email: string): string | null {
      const known = parse(getCookie(event, knownBrowserCookie))
      return known?.accounts.includes(accountOf(known.key, email)) ? known.id : null
    },
    /** To be called after a sign-in that succeeded. */
    remember(event: H3Event, email: string): void {
      const [key] = keys
      if (!key) return
      const known = parse(getCookie(event, knownBrowserCookie))
      const account = accountOf(key, email)
      // Hashes under a former secret would fit no account any more.
      const others = known && known.key === key ? known.accounts : []
      const accounts = [account, ...others.filter(one => one !== account)].slice(0, mostAccounts)
      const text = ['v1', known?.id ?? randomBytes(16).toString('base64url'), ...accounts].join('.')
      setCookie(event, knownBrowserCookie, `${text}.${mac(key, text).toString('base64url')}`, {
        httpOnly: true,
        secure,
        sameSite: 'lax',
        path: '/',
        maxAge: lifetimeSeconds,
      })
    },
  }
}
