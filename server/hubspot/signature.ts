import { createHmac, timingSafeEqual } from 'node:crypto'

/** HubSpot's own rule: a request older than five minutes is refused, ms */
const maxAgeMs = 5 * 60 * 1000
/** A sender's clock may be ahead of ours by this, ms */
const maxAheadMs = 60 * 1000

/** HubSpot decodes only these sequences before it signs; everything else stays as it was sent. */
const decoded: Readonly<Record<string, string>> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
}

/** @returns the URL as HubSpot signs it */
export function signedUrl(url: string): string {
  return url.replace(
    /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/g,
    sequence => decoded[sequence] ?? sequence,
  )
}

export interface SignedRequest {
  method: string
  /** The exact public URL that HubSpot was given, never what a Host header says */
  url: string
  /** The body's bytes as they came */
  body: Uint8Array
  /** `X-HubSpot-Request-Timestamp`, epoch milliseconds */
  timestamp: string | undefined
  /** `X-HubSpot-Signature-v3` */
  signature: string | undefined
}

/** `stale` and `early` differ from a wrong signature, so that a wrong clock can be named. */
export type SignatureVerdict = 'valid' | 'missing' | 'malformed' | 'stale' | 'early' | 'mismatch'

type Signable = Pick<SignedRequest, 'method' | 'url' | 'body'>

/** @returns `X-HubSpot-Signature-v3` as HubSpot would send it: for deliveries that we send ourselves */
export function signRequest(secret: string, request: Signable, timestamp: string): string {
  return macOf(secret, request, timestamp).toString('base64')
}

function macOf(secret: string, { method, url, body }: Signable, timestamp: string): Buffer {
  return createHmac('sha256', secret)
    .update(method.toUpperCase())
    .update(signedUrl(url))
    .update(body)
    .update(timestamp)
    .digest()
}

/** @returns the 32 bytes of canonical base64, `null` for anything else */
function strictBase64(text: string): Buffer | null {
  if (text.length !== 44 || !/^[A-Za-z0-9+/]{43}=$/.test(text)) return null
  const bytes = Buffer.from(text, 'base64')
  // 43 characters carry two bits more than 32 bytes: the same bytes have four spellings, one of
  // them canonical.
  return bytes.length === 32 && bytes.toString('base64') === text ? bytes : null
}

/**
 * What the two headers alone tell, before a byte of the body is read: presence, shape and age.
 * Never throws.
 */
export function checkHeaders(
  { timestamp, signature }: Pick<SignedRequest, 'timestamp' | 'signature'>,
  now: Date,
): Exclude<SignatureVerdict, 'valid' | 'mismatch'> | 'plausible' {
  if (timestamp === undefined || signature === undefined) return 'missing'
  if (!/^\d{13}$/.test(timestamp) || strictBase64(signature) === null) return 'malformed'
  const ageMs = now.getTime() - Number(timestamp)
  if (ageMs > maxAgeMs) return 'stale'
  return ageMs < -maxAheadMs ? 'early' : 'plausible'
}

/**
 * Verifies HubSpot's signature v3: base64 of HMAC-SHA-256 over method, URL, body and timestamp,
 * under the app's client secret. Compares in constant time and tries every secret. Never throws.
 * @param secrets the client secret, and during a rotation the previous one
 * @see docs/hubspot-platform.md#signature
 */
export function verifySignature(
  request: SignedRequest,
  secrets: readonly string[],
  now: Date,
): SignatureVerdict {
  const { timestamp = '', signature = '' } = request
  const verdict = checkHeaders(request, now)
  if (verdict !== 'plausible') return verdict
  const given = strictBase64(signature)
  if (given === null) return 'malformed'
  let matches = false
  for (const secret of secrets)
    matches = timingSafeEqual(given, macOf(secret, request, timestamp)) || matches
  return matches ? 'valid' : 'mismatch'
}
