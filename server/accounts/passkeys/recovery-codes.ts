import { randomInt } from 'node:crypto'
import { digestOf } from '../digest'

const codeCount = 10
/** Without letters and digits that look alike; 32 of them, so that one is worth 5 bits */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789i'
/** 120 bits in all: a plain digest of so much randomness is enough (OWASP ASVS 5.0, 6.5.2) */
const groups = 6
const groupLength = 4

/** @returns ten codes of 120 random bits, such as `k7qm-2hxp-9dtr-w4nv-7r3c-mx2q` */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: codeCount }, () =>
    Array.from({ length: groups }, () =>
      Array.from({ length: groupLength }, () => alphabet[randomInt(alphabet.length)]).join(''),
    ).join('-'),
  )
}

/** Spaces, hyphens and capitals do not matter. @returns what is stored of a code */
export function digestOfCode(code: string): string {
  const plain = code.toLowerCase().replace(/[^a-z0-9]/g, '')
  return digestOf(`recovery code:${plain}`)
}
