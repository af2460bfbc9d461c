import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps, type RequestOptions } from 'node:https'
import type { NoticeDelivery } from '#shared/contracts/notices'
import { addressOf, type HostAddress, type ResolveHost } from './public-address'

/** Connecting, sending and the answer's first line together, ms */
const timeoutMs = 8_000

export interface SignedPost {
  url: string
  secret: string
  body: string
  /** Tells deliveries apart; the same for each try */
  id: string
  /** What it is about: kinds of notices, or `test` */
  event: string
  now: Date
}

export type Outcome = Pick<NoticeDelivery, 'ok' | 'status' | 'problem'>

/** @returns the value of the header `X-Partner-Connector-Signature` */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

const failed = (problem: NonNullable<Outcome['problem']>, status: number | null = null) => ({
  ok: false,
  status,
  problem,
})

/** Connection refused, no route, certificate not good: in the words of `NoticeDelivery`. */
function problemOf(error: unknown): NonNullable<Outcome['problem']> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ETIMEDOUT') return 'timed_out'
  return /CERT|TLS|SSL|SIGNATURE|ALTNAME/.test(code) ? 'bad_certificate' : 'unreachable'
}

/** `dns.lookup` of a connection that is to go to one address and no other. */
function always({ address, family }: HostAddress): RequestOptions['lookup'] {
  return (_host, options, done) => {
    if (options.all) done(null, [{ address, family }])
    else done(null, address, family)
  }
}

/**
 * Sends one signed POST to an address that a partner chose. It is resolved once, connected to by what
 * it resolved to, and no redirect is followed: nobody reaches the operator's own network through us.
 * The answer's body is not read.
 * @param anywhere `true`: private addresses and http as well (development)
 * @returns what came of it; never throws
 */
export function createSignedPost({
  anywhere,
  resolve = host => lookup(host, { all: true }) as Promise<HostAddress[]>,
}: {
  anywhere: boolean
  resolve?: ResolveHost
}) {
  return async function post({ url, secret, body, id, event, now }: SignedPost): Promise<Outcome> {
    const target = new URL(url)
    if (target.protocol !== 'https:' && !anywhere) return failed('not_public')
    const address = await addressOf(target.hostname, { resolve, anywhere })
    if (typeof address === 'string') return failed(address)
    const timestamp = String(Math.floor(now.getTime() / 1000))
    const request = target.protocol === 'https:' ? requestHttps : requestHttp
    return await new Promise(settle => {
      const sent = request(target, {
        method: 'POST',
        agent: false,
        lookup: always(address),
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': Buffer.byteLength(body),
          'User-Agent': 'partner-connector',
          'X-Partner-Connector-Delivery': id,
          'X-Partner-Connector-Event': event,
          'X-Partner-Connector-Timestamp': timestamp,
          'X-Partner-Connector-Signature': signatureOf(secret, timestamp, body),
        },
      })
      sent.on('response', answer => {
        const status = answer.statusCode ?? 0
        answer.destroy()
        if (status >= 200 && status < 300) settle({ ok: true, status, problem: null })
        else settle(failed(status >= 300 && status < 400 ? 'redirected' : 'refused', status))
      })
      sent.on('error', error =>
        settle(
          failed(
            error.name === 'AbortError' || error.name === 'TimeoutError'
              ? 'timed_out'
              : problemOf(error),
          ),
        ),
      )
      sent.end(body)
    })
  }
}
export type PostSigned = ReturnType<typeof createSignedPost>
