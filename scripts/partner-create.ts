import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { createAccounts } from '../server/accounts/index'
import { resetByOperator } from '../server/accounts/people/operator-reset'
import { systemClock } from '../server/config/clock'
import { createAuditLog, systemActor } from '../server/database/audit'
import { createDatabase } from '../server/database/client'
import { DomainError } from '../server/errors'
import { createMetrics } from '../server/observability/metrics'
import { Email, Role } from '#shared/contracts/account'
import { scriptEnvironment } from './environment'

const usage = `npm run partner:create -- --partner NAME --email E --password-stdin [--role admin|member]
       npm run partner:create -- --partner NAME --email E --password-stdin --reset

Creates a user, and the partner where there is none of that name, in the database that NUXT_MONGODB_URI names. The password is read from
standard input, so that it stands in no shell history. Prints one line of JSON: {"partnerId","userId"}.

--reset gives somebody who exists that password, and removes their passkeys, recovery codes and sessions: for somebody who lost all of them.
`

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      partner: { type: 'string' },
      email: { type: 'string' },
      role: { type: 'string', default: 'admin' },
      'password-stdin': { type: 'boolean', default: false },
      reset: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return void process.stdout.write(usage)
  const partnerName = values.partner?.trim()
  const email = Email.safeParse(values.email)
  const role = Role.safeParse(values.role)
  if (!partnerName || partnerName.length > 200)
    throw new Error(`--partner must name the partner.\n\n${usage}`)
  if (!email.success) throw new Error(`--email must be an e-mail address.\n\n${usage}`)
  if (!role.success) throw new Error(`--role must be admin or member.\n\n${usage}`)
  if (!values['password-stdin'])
    throw new Error(`The password comes from standard input: add --password-stdin.\n\n${usage}`)
  const { values: environment, problems } = scriptEnvironment()
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const uri = environment.NUXT_MONGODB_URI?.trim()
  if (!uri) throw new Error('NUXT_MONGODB_URI is missing: the database of the installation.')

  const database = createDatabase({
    uri,
    database: environment.NUXT_MONGODB_DATABASE?.trim() || 'partner-connector',
    appName: 'partner-create',
  })
  try {
    await database.prepare()
    // No session is opened here: the secret that would sign one is made up.
    const accounts = createAccounts({
      collections: database.collections,
      clock: systemClock,
      jwtSecret: randomBytes(32),
      secureCookies: true,
      metrics: createMetrics(),
    })
    const person = { partnerName, email: email.data, password: await standardInput() }
    const parts = { collections: database.collections, clock: systemClock }
    const { partnerId, userId } = values.reset
      ? await resetByOperator(parts, person)
      : await accounts.createUser({ ...person, role: role.data })
    await createAuditLog({ collections: database.collections, clock: systemClock }).record({
      partnerId,
      actor: systemActor,
      action: values.reset ? 'user.reset' : 'user.created',
      target: userId.toHexString(),
      details: { command: 'partner:create', ...(values.reset ? {} : { role: role.data }) },
    })
    process.stdout.write(
      `${JSON.stringify({ partnerId: partnerId.toHexString(), userId: userId.toHexString() })}\n`,
    )
  } finally {
    await database.close()
  }
}

main().catch((error: unknown) => {
  const issues =
    error instanceof DomainError
      ? (error.details.issues as { path: string; message: string }[] | undefined)
      : undefined
  const text = issues
    ? issues.map(issue => `The ${issue.path} ${issue.message}.`).join('\n')
    : error instanceof Error
      ? error.message
      : String(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
})
