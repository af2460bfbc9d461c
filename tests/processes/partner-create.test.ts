import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccounts } from '../../server/accounts/index'
import { systemClock } from '../../server/config/clock'
import { createDatabase, type Database } from '../../server/database/client'
import { createMetrics } from '../../server/observability/metrics'
import { keepOutput } from '../support/canary'
import { testDatabase, type TestDatabase } from '../support/mongo'

const rootDir = fileURLToPath(new URL('../..', import.meta.url))
let db: TestDatabase
let database: Database
beforeAll(async () => {
  db = await testDatabase()
  database = createDatabase({ uri: db.uri, database: db.database })
})
afterAll(async () => {
  await database.close()
  await db.drop()
})

async function partnerCreate(
  args: string[],
  password: string,
  env: Record<string, string> = { NUXT_MONGODB_URI: db.uri, NUXT_MONGODB_DATABASE: db.database },
) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join('scripts', 'partner-create.ts'), ...args],
    { cwd: rootDir, env: { PATH: process.env.PATH, NUXT_MONGODB_URI: '', ...env } },
  )
  keepOutput(child, 'partner-create')
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => (stdout += String(chunk)))
  child.stderr.on('data', chunk => (stderr += String(chunk)))
  child.stdin.end(`${password}\n`)
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, stdout, stderr }
}

describe('npm run partner:create', () => {
  it('creates partner and admin, prints one line of JSON, and takes the password from standard input', async () => {
    const { code, stdout } = await partnerCreate(
      ['--partner', 'Acme', '--email', 'Ada@Acme.test', '--password-stdin'],
      'a long enough password',
    )
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const { partnerId, userId } = JSON.parse(stdout) as { partnerId: string; userId: string }
    const accounts = createAccounts({
      collections: database.collections,
      clock: systemClock,
      jwtSecret: Buffer.alloc(32, 7),
      secureCookies: false,
      metrics: createMetrics(),
    })
    const found = await accounts.signIn('ada@acme.test', 'a long enough password', {
      address: '127.0.0.1',
    })
    expect({ partnerId: found.partnerId.toHexString(), userId: found.id.toHexString() }).toEqual({
      partnerId,
      userId,
    })
    expect((await accounts.account(found.id)).user.role).toBe('admin')
    expect(await database.collections.auditLog.find({ action: 'user.created' }).toArray()).toEqual([
      expect.objectContaining({
        partner_id: found.partnerId,
        actor: { kind: 'system', user_id: null, email: null },
        target: userId,
        details: { command: 'partner:create', role: 'admin' },
      }),
    ])

    const second = await partnerCreate(
      ['--partner', 'Acme', '--email', 'bob@acme.test', '--password-stdin', '--role', 'member'],
      'another long password',
    )
    expect(JSON.parse(second.stdout)).toMatchObject({ partnerId })
  })

  it('gives somebody who exists another password, and takes their passkeys and sessions', async () => {
    const { collections } = database
    const name = ['--partner', 'Acme', '--email', 'bob@acme.test', '--password-stdin', '--reset']
    const before = await collections.users.findOne({ email: 'bob@acme.test' })
    const { code, stdout } = await partnerCreate(name, 'a password of the operator')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ userId: before?._id.toHexString() })
    const after = await collections.users.findOne({ email: 'bob@acme.test' })
    expect(after?.password_hash).not.toBe(before?.password_hash)
    expect(after).toMatchObject({ role: 'member', recovery_codes: [] })
    const nobody = await partnerCreate(
      ['--partner', 'Other', '--email', 'bob@acme.test', '--password-stdin', '--reset'],
      'a password of the operator',
    )
    expect(nobody.code).toBe(1)
    expect(nobody.stderr).toContain('belongs to nobody of this partner')
  })

  it.each([
    [
      'an address that is taken',
      ['--partner', 'Acme', '--email', 'ada@acme.test', '--password-stdin'],
      'a long enough password',
      'email is taken',
    ],
    [
      'a short password',
      ['--partner', 'Acme', '--email', 'c@acme.test', '--password-stdin'],
      'short',
      'password must have',
    ],
    [
      'no e-mail address',
      ['--partner', 'Acme', '--email', 'c', '--password-stdin'],
      'a long enough password',
      '--email',
    ],
    [
      'a role that does not exist',
      ['--partner', 'Acme', '--email', 'c@acme.test', '--password-stdin', '--role', 'owner'],
      'a long enough password',
      '--role',
    ],
    [
      'a password on the command line',
      ['--partner', 'Acme', '--email', 'c@acme.test', '--password', 'x'],
      '',
      'password',
    ],
    ['nothing', [], '', '--partner'],
  ])('refuses %s with a plain word and exit code 1', async (_what, args, password, complaint) => {
    const { code, stdout, stderr } = await partnerCreate(args, password)
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain(complaint)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('asks for the database where none is configured', async () => {
    const { code, stderr } = await partnerCreate(
      ['--partner', 'Acme', '--email', 'c@acme.test', '--password-stdin'],
      'a long enough password',
      {},
    )
    expect(code).toBe(1)
    expect(stderr).toContain('NUXT_MONGODB_URI')
  })
})
