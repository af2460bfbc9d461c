import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootDir } from '../tests/support/build'
import { canary, logsFolder, pagesFolder } from '../tests/support/canary'
import { scanFor, spellingsOf } from '../tests/support/canary-scan'

/**
 * Last step of `npm test`: looks for this run's secrets in everything that the tested processes
 * wrote, in what browsers were sent and shown, and in the build. First it plants each spelling
 * somewhere and has to find it.
 */
const secrets = {
  'a marked secret, token or code': canary,
  'a secret of the scripted HubSpot or of the build': 'CANARY-',
  'the client secret of the simulator': 'simulator-secret-51a01a70f001',
  // The cookie's JWT begins with its header, which is always the same.
  'a session token': Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'session+jwt' })).toString(
    'base64url',
  ),
}

function plantedAreFound(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'canary-'))
  const planted = Object.values(secrets).flatMap(spellingsOf)
  planted.forEach((text, index) =>
    writeFileSync(join(folder, `${index}.log`), `{"level":"info","msg":"before ${text} after"}\n`),
  )
  const { found } = scanFor(secrets, [folder])
  rmSync(folder, { recursive: true })
  return planted.every((_, index) =>
    found.some(find => find.endsWith(join(folder, `${index}.log`))),
  )
}

if (canary.length !== 12) {
  process.stderr.write('TEST_CANARY is not set: run this as the last step of "npm test".\n')
  process.exit(1)
}
const control = plantedAreFound()
const { files, bytes, sought, found } = scanFor(secrets, [
  logsFolder,
  pagesFolder,
  join(rootDir, '.output'),
])
for (const find of found) process.stderr.write(`${find}\n`)
process.stdout.write(
  `Canary scan: ${files} files, ${bytes} bytes scanned, ${sought} secrets sought, ${found.length} found; planted ones are ${control ? 'found' : 'MISSED'}\n`,
)
process.exit(control && found.length === 0 ? 0 : 1)
