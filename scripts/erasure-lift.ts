import process from 'node:process'
import { parseArgs } from 'node:util'
import { ObjectId } from 'mongodb'
import { parseEncryptionKeys } from '../server/config/configuration'
import { systemClock } from '../server/config/clock'
import { createAuditLog } from '../server/database/audit'
import { createDatabase } from '../server/database/client'
import { createCipher } from '../server/database/encryption'
import { createErasure } from '../server/sync/inbound/privacy-deletion'
import { scriptEnvironment } from './environment'

const usage = `npm run erasure:lift -- --partner ID --portal ID --contact ID

Lets a HubSpot contact be stored again that a privacy deletion erased here: for a deletion that nobody asked for. The next full comparison, or the
contact's next change, brings it back. Uses NUXT_MONGODB_URI and NUXT_TOKEN_ENCRYPTION_KEYS. Writes a line into the audit log.
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      partner: { type: 'string' },
      portal: { type: 'string' },
      contact: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const { partner = '', portal = '', contact = '' } = values
  const { values: environment, problems } = scriptEnvironment()
  const uri = environment.NUXT_MONGODB_URI?.trim()
  const keys = parseEncryptionKeys(environment.NUXT_TOKEN_ENCRYPTION_KEYS?.trim() ?? '', problems)
  if (!/^[0-9a-f]{24}$/.test(partner)) problems.push('--partner must be the id of a partner.')
  if (!/^\d{1,20}$/.test(portal)) problems.push('--portal must be the id of a HubSpot account.')
  if (!/^\d{1,20}$/.test(contact)) problems.push('--contact must be the id of a HubSpot contact.')
  if (!uri) problems.push('NUXT_MONGODB_URI is missing: the database of the installation.')
  if (!uri || problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n\n${usage}`)
    return 1
  }
  const database = createDatabase({
    uri,
    database: environment.NUXT_MONGODB_DATABASE?.trim() || 'partner-connector',
    appName: 'erasure-lift',
  })
  try {
    const { collections } = database
    const isLifted = await createErasure({
      collections,
      clock: systemClock,
      audit: createAuditLog({ collections, clock: systemClock }),
      cipher: createCipher(keys),
    }).lift({ partnerId: new ObjectId(partner), portalId: portal, contactId: contact })
    process.stdout.write(
      isLifted
        ? 'The contact may be stored again.\n'
        : 'No such contact was erased for this partner. Nothing was changed.\n',
    )
    return isLifted ? 0 : 1
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
        : `Not done (${error instanceof Error ? error.name : typeof error}): is MongoDB reachable?\n`,
    )
    process.exitCode = 1
  },
)
