import { DomainError } from '../../errors'
import { maxPasswordLength, minPasswordLength } from '../passwords'

/** Of zxcvbn's 0 to 4: below this fewer than 10^8 guesses find it. */
const leastScore = 3
/** Shorter words stand in too many good passwords by chance. */
const shortestWord = 4

export class WeakPassword extends DomainError {
  constructor(why: string) {
    super('weak_password', `Choose another password: ${why}.`)
  }
}

export interface PersonalWords {
  email: string
  partnerName: string
}

/** Names of ours that a guesser tries first. */
const ownWords = ['partnerconnector', 'partner-connector', 'hubspot']

/** @returns words about a person that their password must not be made of, the longest first */
function personalWords({ email, partnerName }: PersonalWords): string[] {
  const [local = '', host = ''] = email.toLowerCase().split('@')
  const name = partnerName.toLowerCase()
  const words = [
    email.toLowerCase(),
    local,
    host,
    name,
    name.replace(/[^\p{L}\p{N}]+/gu, ''),
    ...local.split(/[^\p{L}\p{N}]+/u),
    ...host.split('.'),
    ...name.split(/[^\p{L}\p{N}]+/u),
    ...ownWords,
  ]
  return [...new Set(words)]
    .filter(word => word.length >= shortestWord)
    .sort((one, other) => other.length - one.length)
}

/** Some 2 MB of words and 60 MB of memory: loaded by the first who chooses a password. */
async function loadEstimator() {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  return new ZxcvbnFactory({ graphs: adjacencyGraphs, dictionary, maxLength: maxPasswordLength })
}
let estimator: ReturnType<typeof loadEstimator> | undefined

/**
 * Refuses a password that is too short, too long, among the common ones, easily guessed, or made of
 * the person's own address or organisation (docs/security-checklist.md#b13). Nothing about its
 * letters is asked for.
 * @throws {WeakPassword}
 */
export async function assertGoodPassword(password: string, person: PersonalWords): Promise<void> {
  if (password.length < minPasswordLength)
    throw new WeakPassword(`it must have at least ${minPasswordLength} characters`)
  if (password.length > maxPasswordLength)
    throw new WeakPassword(`it must have at most ${maxPasswordLength} characters`)
  const zxcvbn = await (estimator ??= loadEstimator())
  if (zxcvbn.check(password).score < leastScore)
    throw new WeakPassword('this one is common or easy to guess')
  const words = personalWords(person)
  let rest = password.toLowerCase()
  for (const word of words) rest = rest.replaceAll(word, '')
  if (rest.length !== password.length && zxcvbn.check(rest).score < leastScore)
    throw new WeakPassword('this one is made of your e-mail address or of names that go with it')
}
