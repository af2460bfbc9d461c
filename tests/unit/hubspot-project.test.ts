import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { translate } from '@hubspot/project-parsing-lib/translate'
import { afterAll, beforeAll, expect, test } from 'vitest'

const project = fileURLToPath(new URL('../../hubspot-app', import.meta.url))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), '.hidden-'))
  cpSync(project, folder, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test("HubSpot's own project parser reads the app and its webhooks", async () => {
  const { intermediateRepresentation } = await translate(
    { projectSourceDir: join(project, 'src'), platformVersion: '2026.03', accountId: 1 },
    { skipValidation: true },
  )
  const types = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid).map(
    ({ componentType }) => componentType,
  )
  expect(types.sort()).toEqual(['APPLICATION', 'WEBHOOKS'])
})

/** Files of the project that the upload tool keeps, by its own rule, asked from within the folder */
function kept(): string[] {
  const rules = pathToFileURL(
    join(process.cwd(), 'node_modules/@hubspot/local-dev-lib/lib/ignoreRules.js'),
  ).href
  const program = `
    import { shouldIgnoreFile } from ${JSON.stringify(rules)}
    const files = ['app/app-hsmeta.json', 'app/webhooks/webhooks-hsmeta.json']
    console.log(JSON.stringify(files.filter(file => !shouldIgnoreFile(file, true))))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
  })
  return JSON.parse(output) as string[]
}

/** docs/hubspot-platform.md#project-files */
test('a clone below a folder whose name begins with a dot is uploaded whole', () => {
  expect(kept()).toEqual(['app/app-hsmeta.json', 'app/webhooks/webhooks-hsmeta.json'])
  rmSync(join(folder, '.hsignore'))
  expect(kept()).toEqual([])
})
