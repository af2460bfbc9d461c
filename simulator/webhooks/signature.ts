import { createHash, createHmac } from 'node:crypto'

/**
 * The encoded characters that HubSpot decodes in a URI before it signs; everything else stays as it
 * is.
 */
const decoded: Record<string, string> = {
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

/**
 * Signature v3 of a request.
 * @param timestamp milliseconds since the epoch, as the header has it
 * @returns base64 for `X-HubSpot-Signature-v3`
 */
export function signatureV3(
  clientSecret: string,
  method: string,
  uri: string,
  body: string,
  timestamp: string,
): string {
  const signedUri = uri.replace(
    /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi,
    encoded => decoded[encoded.toUpperCase()] ?? encoded,
  )
  return createHmac('sha256', clientSecret)
    .update(`${method}${signedUri}${body}${timestamp}`)
    .digest('base64')
}

/** Signature v1, which CRM webhooks still carry beside v3: hex for `X-HubSpot-Signature`. */
export function signatureV1(clientSecret: string, body: string): string {
  return createHash('sha256')
    .update(clientSecret + body)
    .digest('hex')
}
