import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const Secrets = z.object({
  jwtSecret: z.string(),
  encryptionKeys: z.string(),
  demoAccounts: z.array(
    z.object({ email: z.string(), password: z.string(), role: z.enum(['admin', 'member']) }),
  ),
})
export type DevelopmentSecrets = z.infer<typeof Secrets>

function makeSecrets(): DevelopmentSecrets {
  const password = () => `demo-${randomBytes(9).toString('base64url')}`
  return {
    jwtSecret: randomBytes(48).toString('base64'),
    encryptionKeys: `dev-${new Date().getFullYear()}:${randomBytes(32).toString('base64')}`,
    demoAccounts: [
      { email: 'admin@demo.test', password: password(), role: 'admin' },
      { email: 'member@demo.test', password: password(), role: 'member' },
    ],
  }
}

/**
 * The secrets of this working copy: made once, kept where only its owner reads, so that a restart
 * opens yesterday's tokens and sessions.
 * @param file such as `.data/dev-secrets.json`
 */
export function developmentSecrets(file: string): DevelopmentSecrets {
  const read = () => Secrets.parse(JSON.parse(readFileSync(file, 'utf8')))
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') {
      throw new Error(
        `${file} cannot be read. Delete it together with .data/mongodb to begin anew.`,
        { cause: error },
      )
    }
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, `${JSON.stringify(makeSecrets(), null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    // Another process was faster: its secrets count.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
  }
  return read()
}
