import process from 'node:process'
import { parseArgs } from 'node:util'
import { parseEncryptionKeys } from '../server/config/configuration'
import { rotateKeys, type RotationReport } from '../server/connection/key-rotation'
import { systemClock } from '../server/config/clock'
import { createAuditLog, systemActor } from '../server/database/audit'
import { createDatabase } from '../server/database/client'
import { createCipher } from '../server/database/encryption'
import { scriptEnvironment } from './environment'

const usage = `npm run keys:rotate [-- --verify]

Seals every stored HubSpot token anew under the first key of NUXT_TOKEN_ENCRYPTION_KEYS, in the database that NUXT_MONGODB_URI names. The app
goes on meanwhile; ended half-way, a second run goes on. Before: put the new key first, keep the old ones behind it, restart the app.
After: when this ends with code 0, the old keys can be removed.

  --verify   change nothing; code 0 when everything opens and is under the first key
`

const progressEveryMs = 500

function line({ partners, rotated, current, unreadable }: RotationReport): string {
  return (
    `${partners} partners, ${rotated} sealed anew, ${current} under the first key before, ` +
    `${unreadable.length} unreadable`
  )
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { verify: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const { values: environment, problems: found } = scriptEnvironment()
  const uri = environment.NUXT_MONGODB_URI?.trim()
  const keysText = environment.NUXT_TOKEN_ENCRYPTION_KEYS?.trim()
  const problems = [
    ...found,
    ...(uri ? [] : ['NUXT_MONGODB_URI is missing: the database of the installation.']),
    ...(keysText ? [] : ['NUXT_TOKEN_ENCRYPTION_KEYS is missing: the keys, the new one first.']),
  ]
  const keys = keysText ? parseEncryptionKeys(keysText, problems) : []
  if (!uri || problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`)
    return 1
  }
  const database = createDatabase({
    uri,
    database: environment.NUXT_MONGODB_DATABASE?.trim() || 'partner-connector',
    appName: 'keys-rotate',
  })
  try {
    const cipher = createCipher(keys)
    let saidAt = performance.now()
    const report = await rotateKeys({
      collections: database.collections,
      cipher,
      verify: values.verify,
      onProgress(soFar) {
        if (performance.now() - saidAt < progressEveryMs) return
        saidAt = performance.now()
        process.stdout.write(`… ${line(soFar)}\n`)
      },
    })
    process.stdout.write(`${line(report)}\n`)
    if (!values.verify)
      await createAuditLog({ collections: database.collections, clock: systemClock }).record({
        partnerId: null,
        actor: systemActor,
        action: 'keys.rotated',
        target: cipher.keyId,
        outcome: report.unreadable.length > 0 ? 'failed' : 'ok',
        details: {
          command: 'keys:rotate',
          partners: report.partners,
          rotated: report.rotated,
          unreadable: report.unreadable.length,
        },
      })
    for (const { partnerId, field, problem, keyId } of report.unreadable)
      process.stderr.write(
        `Partner ${partnerId}, ${field}: ${problem}${keyId === null ? '' : ` (key "${keyId}")`}\n`,
      )
    const older = Object.entries(report.byKey).filter(([keyId]) => keyId !== cipher.keyId)
    if (values.verify)
      for (const [keyId, count] of older)
        process.stdout.write(`${count} values are under the key "${keyId}"\n`)
    if (report.unreadable.length > 0) return 1
    if (values.verify && older.length > 0) return 1
    process.stdout.write(
      'Everything is under the key ' +
        `"${cipher.keyId}".${keys.length > 1 && !values.verify ? ' The other keys can be removed.' : ''}\n`,
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
    // A driver's message may name hosts and users: its class says enough.
    process.stderr.write(
      error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
        ? `${error.message}\n\n${usage}`
        : `Not finished (${error instanceof Error ? error.name : typeof error}): is ` +
            `MongoDB reachable? A second run goes on where this one ended.\n`,
    )
    process.exitCode = 1
  },
)
