import { promisify } from 'node:util'
import { brotliCompress, constants, gzip, type BrotliOptions, type ZlibOptions } from 'node:zlib'
import { appendResponseHeader, getRequestHeader, type H3Event } from 'h3'

/** Smaller answers gain nothing, bytes */
const leastBytes = 1400
const toBrotli = promisify<Buffer, BrotliOptions, Buffer>(brotliCompress)
const toGzip = promisify<Buffer, ZlibOptions, Buffer>(gzip)
const compressors = {
  br: (bytes: Buffer) => toBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (bytes: Buffer) => toGzip(bytes, { level: 5 }),
} as const
type Coding = keyof typeof compressors

/** @returns the coding to use, by a request's `Accept-Encoding`; `null`: none */
export function codingOf(accepted: string | undefined): Coding | null {
  const taken = (accepted ?? '')
    .toLowerCase()
    .split(',')
    .map(part => part.trim())
    .filter(part => !/;\s*q=0(\.0*)?$/.test(part))
    .map(part => part.split(';')[0]?.trim())
  return (['br', 'gzip'] as const).find(coding => taken.includes(coding)) ?? null
}

/**
 * Whether nobody else can have chosen words of this request. An answer that holds such words beside
 * what is secret tells by its compressed size whether they are alike (BREACH): it is sent as it is.
 */
function isOfOurOwn(event: H3Event): boolean {
  if (!event.path.includes('?')) return true
  const site = getRequestHeader(event, 'sec-fetch-site')
  // `none`: typed by the person, or a bookmark. A program sends no such header, and its own key.
  return site === undefined
    ? getRequestHeader(event, 'authorization') !== undefined
    : site === 'same-origin' || site === 'none'
}

/** Answers that hold a credential; nothing else in them is worth compressing. */
const holdsCredential = (event: H3Event) => /\/token(\?|$)/.test(event.path)

/**
 * Compresses a page or an answer of the API before it leaves. Streams and static files do not come
 * here. @param response as h3 hands it to `onBeforeResponse`
 */
export async function compressResponse(
  event: H3Event,
  response: { body?: unknown },
): Promise<void> {
  const { req, res } = event.node
  const { body } = response
  const isPlain = typeof body === 'string' || (typeof body === 'object' && isPlainJson(body))
  if (!isPlain || event.method !== 'GET' || res.headersSent || event.handled) return
  // A page asks the API within the process: that answer leaves in the page.
  if (!req.socket?.remoteAddress || res.statusCode !== 200) return
  if (res.getHeader('content-encoding') !== undefined || holdsCredential(event)) return
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  if (text.length < leastBytes) return
  appendResponseHeader(event, 'Vary', 'Accept-Encoding')
  const coding = codingOf(getRequestHeader(event, 'accept-encoding'))
  if (coding === null || !isOfOurOwn(event)) return
  const bytes = await compressors[coding](Buffer.from(text))
  if (res.getHeader('content-type') === undefined)
    res.setHeader('Content-Type', typeof body === 'string' ? 'text/html' : 'application/json')
  res.setHeader('Content-Encoding', coding)
  response.body = bytes
}

/** What h3 would write as JSON */
function isPlainJson(body: object | null): boolean {
  if (body === null) return false
  if (Array.isArray(body)) return true
  return Object.getPrototypeOf(body) === Object.prototype
}
