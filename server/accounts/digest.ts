import { createHash } from 'node:crypto'

/** @returns what is stored of a secret that is too long to be guessed: SHA-256, base64url */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
