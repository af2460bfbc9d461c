import { getRequestHeader, setResponseHeader, type H3Event } from 'h3'
import { DomainError, ValidationFailed } from '../errors'

const maxDepth = 32
const maxKeys = 5000
const bodyTimeoutMs = 15_000
/** HubSpot itself gives a delivery no longer (docs/hubspot-platform.md#webhook-delivery), ms */
const unverifiedTimeoutMs = 5_000
/** Bodies that may be open at a time before anybody has shown who sends them, per process */
const mostUnverified = 200
/** Those of them that are larger than a route takes */
const mostOversize = 2
/** Files that may be arriving at a time, per process */
const mostFiles = 4
const fileTimeoutMs = 60_000

export interface ReadBodyOptions {
  maxBytes: number
  /** The route takes a body */
  expected: boolean
  /** An absent body counts as `{}` */
  optional: boolean
}

/**
 * Reads the request's stream, stopping as soon as it is larger than allowed (h3 itself has no
 * limit).
 */
async function readBytes(
  event: H3Event,
  maxBytes: number,
  {
    timeoutMs = bodyTimeoutMs,
    allows = size => size <= maxBytes,
    keeps = Infinity,
  }: {
    timeoutMs?: number
    allows?: (size: number) => boolean
    /** A larger body that is allowed is read to its end and refused then */
    keeps?: number
  } = {},
): Promise<Buffer> {
  const tooLarge = () => {
    setResponseHeader(event, 'Connection', 'close')
    return new DomainError(
      'payload_too_large',
      `The request is larger than ${Math.floor(maxBytes / 1024)} kB.`,
    )
  }
  if (!allows(Number(getRequestHeader(event, 'content-length') ?? 0))) throw tooLarge()
  const request = event.node.req
  return await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(
      () =>
        done(() => {
          setResponseHeader(event, 'Connection', 'close')
          reject(new ValidationFailed([{ path: 'body', message: 'did not arrive in time' }]))
        }),
      timeoutMs,
    )
    const done = (settle: () => void) => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('error', onError).off('aborted', onError)
      settle()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (!allows(size)) {
        request.pause()
        done(() => reject(tooLarge()))
      } else if (size <= keeps) {
        chunks.push(chunk)
      } else {
        chunks.length = 0
      }
    }
    const onEnd = () =>
      done(() => (size <= keeps ? resolve(Buffer.concat(chunks)) : reject(tooLarge())))
    const onError = () =>
      done(() =>
        reject(new ValidationFailed([{ path: 'body', message: 'ended before it was complete' }])),
      )
    request.on('data', onData).on('end', onEnd).on('error', onError).on('aborted', onError)
    // Some servers hand the request over with its end already seen.
    if (request.readableEnded) onEnd()
  })
}

let unverified = 0
let oversize = 0

/**
 * Reads the body of a request whose sender has shown nothing yet: few at a time, and each within
 * five seconds.
 * @param oversizeBytes a larger body than `maxBytes` is read up to here, where one of two places is
 *   free
 * @throws {DomainError} `payload_too_large`, `validation_failed`, `too_many_attempts` (sent again
 *   by HubSpot)
 */
export async function readUnverifiedBody(
  event: H3Event,
  { maxBytes, oversizeBytes }: { maxBytes: number; oversizeBytes: number },
): Promise<Buffer> {
  if (unverified >= mostUnverified) {
    setResponseHeader(event, 'Connection', 'close')
    throw new DomainError('too_many_attempts', 'Too many requests at a time. Try again.', {
      retryAfterSeconds: 1,
    })
  }
  let isOversize = false
  const allows = (size: number) => {
    if (size <= maxBytes) return true
    if (size > oversizeBytes) return false
    if (!isOversize && oversize < mostOversize) {
      isOversize = true
      oversize++
    }
    return isOversize
  }
  unverified++
  try {
    return await readBytes(event, maxBytes, { timeoutMs: unverifiedTimeoutMs, allows })
  } finally {
    unverified--
    if (isOversize) oversize--
  }
}

/**
 * Bounds what a parser and a schema have to walk, and refuses keys that reach into prototypes.
 * @throws {ValidationFailed} deeper than 32 levels, more than 5,000 keys, or a prototype key
 */
export function assertShape<T>(input: T): T {
  const refuse = (message: string) => new ValidationFailed([{ path: '', message }])
  let level: unknown[] = [input]
  let keys = 0
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw refuse('is nested too deeply')
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      for (const key of Object.keys(value)) {
        if (key === '__proto__' || key === 'constructor' || key === 'prototype')
          throw refuse('has a key that is not allowed')
        if (++keys > maxKeys) throw refuse('has too many keys')
        next.push((value as Record<string, unknown>)[key])
      }
    }
    level = next
  }
  return input
}

/** Counts brackets before parsing: `JSON.parse` itself is recursive in what comes after it. */
function assertDepth(text: string): void {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index)
    if (inString) {
      if (character === 0x5c) index++
      else if (character === 0x22) inString = false
    } else if (character === 0x22) inString = true
    else if (character === 0x5b || character === 0x7b) {
      if (++depth > maxDepth)
        throw new ValidationFailed([{ path: 'body', message: 'is nested too deeply' }])
    } else if (character === 0x5d || character === 0x7d) depth--
  }
}

/**
 * Reads and parses a request's JSON body.
 * @returns the parsed value and the raw bytes
 * @throws {DomainError} `unsupported_media_type`, `payload_too_large`, `validation_failed`
 */
export async function readJsonBody(
  event: H3Event,
  options: ReadBodyOptions,
): Promise<{ json: unknown; bytes: Buffer }> {
  const bytes = await readBytes(event, options.maxBytes)
  const type = getRequestHeader(event, 'content-type')
  if (bytes.length === 0 && type === undefined && (options.optional || !options.expected))
    return { json: {}, bytes }
  const isJson =
    type !== undefined && /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type.trim())
  if (!isJson)
    throw new DomainError('unsupported_media_type', 'Send JSON: Content-Type: application/json.')
  if (bytes.length === 0 && (options.optional || !options.expected)) return { json: {}, bytes }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ValidationFailed([{ path: 'body', message: 'is not UTF-8 text' }])
  }
  assertDepth(text)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new ValidationFailed([{ path: 'body', message: 'is not valid JSON' }])
  }
  return { json: assertShape(json), bytes }
}

let files = 0

/**
 * Reads a CSV file. One that is too large, but not by far, is read to its end and thrown away: many
 * clients see no answer that comes while they send.
 * @throws {DomainError} `unsupported_media_type`, `payload_too_large`, `too_many_attempts`,
 *   `validation_failed`
 * @param otherBytes a body of another type is read up to here before it is refused
 */
export async function readCsvBody(
  event: H3Event,
  { maxBytes, otherBytes }: { maxBytes: number; otherBytes: number },
): Promise<Buffer> {
  const type = getRequestHeader(event, 'content-type') ?? ''
  if (!/^text\/csv\s*(;\s*(charset="?utf-8"?|header="?present"?)\s*)*$/i.test(type.trim())) {
    await readBytes(event, otherBytes)
    throw new DomainError('unsupported_media_type', 'Send CSV in UTF-8: Content-Type: text/csv.')
  }
  if (files >= mostFiles) {
    setResponseHeader(event, 'Connection', 'close')
    throw new DomainError('too_many_attempts', 'Too many files at a time. Try again.', {
      retryAfterSeconds: 5,
    })
  }
  files++
  try {
    return await readBytes(event, maxBytes, {
      timeoutMs: fileTimeoutMs,
      allows: size => size <= 4 * maxBytes,
      keeps: maxBytes,
    })
  } finally {
    files--
  }
}
