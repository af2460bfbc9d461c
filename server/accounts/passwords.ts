import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { ValidationFailed } from '../errors'
import { TooManyAttempts } from './errors'
import { createTurns, type Turn } from './password-turns'

/**
 * scrypt cost: N=2^15, r=8, p=1 needs 32 MiB and some 60 ms (OWASP's second choice, with p=3 spread
 * over fewer rounds here).
 */
const cost = { N: 2 ** 15, r: 8, p: 3 }
const keyBytes = 32
const saltBytes = 16
/**
 * Concurrent derivations per process: memory stays bounded and the thread pool free for the rest.
 */
const maxConcurrent = 2

export const minPasswordLength = 12
export const maxPasswordLength = 128

/** @throws {ValidationFailed} it is too short or too long */
export function assertPasswordLength(password: string): void {
  if (password.length < minPasswordLength || password.length > maxPasswordLength)
    throw new ValidationFailed([
      {
        path: 'password',
        message: `must have ${minPasswordLength} to ${maxPasswordLength} characters`,
      },
    ])
}

const turns = createTurns({ concurrent: maxConcurrent })
/** Whoever is signed in, or a command: never behind the strangers at the door */
const ownTurn: Turn = { lane: 'own', isUrgent: true }

async function derive(
  password: string,
  salt: Buffer,
  N: number,
  r: number,
  p: number,
): Promise<Buffer> {
  return await new Promise<Buffer>((resolve, reject) => {
    scrypt(
      password.normalize('NFKC'),
      salt,
      keyBytes,
      { N, r, p, maxmem: 256 * N * r },
      (error, key) => (error ? reject(error) : resolve(key)),
    )
  })
}

/**
 * @returns `scrypt$N$r$p$salt$hash`, salt and hash in base64url
 * @throws {TooManyAttempts} too many wait for their turn
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const key = await turns.take(ownTurn, () => derive(password, salt, cost.N, cost.r, cost.p))
  return [
    'scrypt',
    cost.N,
    cost.r,
    cost.p,
    salt.toString('base64url'),
    key.toString('base64url'),
  ].join('$')
}

let decoy: Promise<string> | undefined

/**
 * Compares in constant time. With no stored hash it does the same work on a decoy, so that the time
 * does not tell whether an account exists.
 * @param stored what `hashPassword` returned, or `null` for an account that does not exist
 * @param turn where this comparison waits among others
 * @param beforehand asked when the turn has come, before any work: it may refuse by throwing
 * @throws {TooManyAttempts} too many wait for their turn, or the client has hung up
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  turn: Turn = ownTurn,
  beforehand: () => Promise<void> = () => Promise.resolve(),
): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(18).toString('base64url'))
  const parts = (stored ?? (await decoy)).split('$')
  const [scheme, N, r, p, salt, hash] = parts
  if (scheme !== 'scrypt' || !N || !r || !p || !salt || !hash) return false
  const expected = Buffer.from(hash, 'base64url')
  const actual = await turns.take(turn, async () => {
    await beforehand()
    if (turn.signal?.aborted) throw new TooManyAttempts(1)
    return await derive(password, Buffer.from(salt, 'base64url'), Number(N), Number(r), Number(p))
  })
  return expected.length === actual.length && timingSafeEqual(expected, actual) && stored !== null
}

/**
 * @returns whether the hash was made with a lower cost than today's and should be renewed at this
 *   sign-in
 */
export function needsRehash(stored: string): boolean {
  return !stored.startsWith(`scrypt$${cost.N}$${cost.r}$${cost.p}$`)
}
