import { getRequestHeader, setResponseHeader, type H3Event } from 'h3'
import { DomainError, ValidationFailed } from '../errors'

const maxDepth = 32
const maxKeys = 5000
const bodyTimeoutMs = 15_000

export interface ReadBodyOptions {
  maxBytes: number
  /** Hand out the bytes as they came, whatever their type */
  raw: boolean
  /** The route takes a body */
  expected: boolean
  /** An absent body counts as `{}` */
  optional: boolean
}

/**
 * Reads the request's stream, stopping as soon as it is larger than allowed (h3 itself has no
 * limit).
 */
async function readBytes(event: H3Event, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => {
    setResponseHeader(event, 'Connection', 'close')
    return new DomainError(
      'payload_too_large',
      `The request is larger than ${Math.floor(maxBytes / 1024)} kB.`,
    )
  }
  if (Number(getRequestHeader(event, 'content-length') ?? 0) > maxBytes) throw tooLarge()
  const request = event.node.req
  return await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(
      () =>
        done(() =>
          reject(new ValidationFailed([{ path: 'body', message: 'did not arrive in time' }])),
        ),
      bodyTimeoutMs,
    )
    const done = (settle: () => void) => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('error', onError).off('aborted', onError)
      settle()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        request.pause()
        done(() => reject(tooLarge()))
      } else {
        chunks.push(chunk)
      }
    }
    const onEnd = () => done(() => resolve(Buffer.concat(chunks)))
    const onError = () =>
      done(() =>
        reject(new ValidationFailed([{ path: 'body', message: 'ended before it was complete' }])),
      )
    request.on('data', onData).on('end', onEnd).on('error', onError).on('aborted', onError)
    // Some servers hand the request over with its end already seen.
    if (request.readableEnded) onEnd()
  })
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
  if (options.raw) return { json: undefined, bytes }
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
