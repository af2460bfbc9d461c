import { randomInt } from 'node:crypto'
import { digestOf } from '../digest'

const codeCount = 10
/** Without letters and digits that look alike; 32 of them, so that one is worth 5 bits */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789i'
const groups = 4
const groupLength = 4

/** @returns ten codes of 80 random bits, such as `k7qm-2hxp-9dtr-w4nv` */
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
