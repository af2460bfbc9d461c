import { readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { systemClock } from '../server/config/clock'
import { parseEncryptionKeys } from '../server/config/configuration'
import { createAuditLog, systemActor } from '../server/database/audit'
import { createDatabase } from '../server/database/client'
import { createCipher } from '../server/database/encryption'
import { createErasureList, ErasureList } from '../server/sync/inbound/erasure-list'
import { createErasure } from '../server/sync/inbound/privacy-deletion'
import { scriptEnvironment } from './environment'

const usage = `npm run --silent erasures:save > FILE
npm run after-restore -- --erasures FILE

erasures:save prints who was erased, as keyed hashes. Run it regularly and keep the file outside of the backups.
after-restore makes a restored backup safe before the app is started on it: people on the list are erased again and stay erased, and records that
may have been created in HubSpot since the backup are looked for there before they are created. Can be run again.
Both use NUXT_MONGODB_URI and NUXT_TOKEN_ENCRYPTION_KEYS.
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      save: { type: 'boolean', default: false },
      erasures: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const { values: environment, problems } = scriptEnvironment()
  const uri = environment.NUXT_MONGODB_URI?.trim()
  const keys = parseEncryptionKeys(environment.NUXT_TOKEN_ENCRYPTION_KEYS?.trim() ?? '', problems)
  if (!uri) problems.push('NUXT_MONGODB_URI is missing: the database of the installation.')
  if (values.save === (values.erasures !== undefined))
    problems.push('Say --erasures FILE, or use erasures:save.')
  if (!uri || problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n\n${usage}`)
    return 1
  }
  const list =
    values.erasures === undefined
      ? null
      : ErasureList.parse(JSON.parse(readFileSync(values.erasures, 'utf8')))
  const database = createDatabase({
    uri,
    database: environment.NUXT_MONGODB_DATABASE?.trim() || 'partner-connector',
    appName: 'after-restore',
  })
  try {
    const { collections } = database
    const cipher = createCipher(keys)
    const audit = createAuditLog({ collections, clock: systemClock })
    const erasures = createErasureList({
      collections,
      cipher,
      erasure: createErasure({ collections, clock: systemClock, audit, cipher }),
    })
    if (list === null) {
      process.stdout.write(`${JSON.stringify(await erasures.save())}\n`)
      return 0
    }
    await database.prepare()
    const erased = await erasures.apply(list)
    const marked = await erasures.markPossiblyCreated()
    await audit.record({
      partnerId: null,
      actor: systemActor,
      action: 'after_restore',
      details: { command: 'after-restore', erased, marked },
    })
    process.stdout.write(
      `${erased} contacts erased again; ${marked} records will be looked for in HubSpot before they are created there\n`,
    )
    return 0
  } finally {
    await database.close()
  }
}

main().then(
  code => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(
      error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
        ? `${error.message}\n\n${usage}`
        : `Not done: ${error instanceof Error ? error.message : typeof error}\n`,
    )
    process.exitCode = 1
  },
)
