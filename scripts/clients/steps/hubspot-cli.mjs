// HubSpot's own command-line tool and project parser on this repository's hubspot-app/.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { translate } from '@hubspot/project-parsing-lib/translate'
import { expect, projectFolder, step } from './kit.mjs'

const copyTo = folder => {
  mkdirSync(folder, { recursive: true })
  cpSync(projectFolder, folder, { recursive: true })
  return folder
}
await step('project parser: reads app and webhooks', async () => {
  const context = {
    projectSourceDir: join(projectFolder, 'src'),
    platformVersion: '2026.03',
    accountId: 1,
  }
  const { intermediateRepresentation } = await translate(context, { skipValidation: true })
  const types = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid).map(
    ({ componentType }) => componentType,
  )
  expect(types.includes('APPLICATION') && types.includes('WEBHOOKS'), types.join())
})
const cli = join(process.cwd(), 'node_modules/@hubspot/cli/bin/hs.js')
await step('hs --version', async () => {
  const { status, stdout } = spawnSync(process.execPath, [cli, '--version'], { encoding: 'utf8' })
  expect(status === 0 && /\d+\.\d+/.test(stdout), stdout)
})
/** Which files the tool would upload, asked of its own rule, in a process that stands in the folder */
function packed(folder) {
  const program = `
    import { shouldIgnoreFile } from '@hubspot/local-dev-lib/ignoreRules'
    import { readdirSync } from 'node:fs'
    import { join, relative } from 'node:path'
    const [root] = process.argv.slice(1)
    process.chdir(root)
    const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    console.log(JSON.stringify(files.filter(file => file.isFile())
      .filter(file => !shouldIgnoreFile(relative(join(root, 'src'), join(file.parentPath ?? file.path, file.name)), true)).map(({ name }) => name)))`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, folder],
    { encoding: 'utf8', cwd: process.cwd() },
  )
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}
const all = ['app-hsmeta.json', 'webhooks-hsmeta.json']
await step('packs the project', async () => {
  expect(
    packed(copyTo(join(process.cwd(), 'plain', 'app')))
      .sort()
      .join() === all.join(),
    'files are missing',
  )
})
await step('packs a clone below a folder whose name begins with a dot', async () => {
  const names = packed(copyTo(join(process.cwd(), '.hidden', 'app'))).sort()
  expect(names.join() === all.join(), `packed: ${names.join() || 'nothing'}`)
})
await step(
  'the same without .hsignore',
  async () => {
    const folder = copyTo(join(process.cwd(), '.bare', 'app'))
    rmSync(join(folder, '.hsignore'), { force: true })
    expect(packed(folder).length > 0, 'packed: nothing')
  },
  {
    fault: 'client',
    why: 'without the file its rules are applied to the whole path from the root on, and `.*` matches the folder above',
  },
)
