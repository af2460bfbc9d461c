import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { isKnownPlatformVersion, parseProjectConfig } from '@hubspot/project-parsing-lib/projects'
import { translate } from '@hubspot/project-parsing-lib/translate'
import { afterEach, expect, test } from 'vitest'
import { optionalScopes, requiredScopes, scopesOfFeatures } from '#shared/hubspot/scopes'

/**
 * HubSpot's own project parser, unmodified, on `hubspot-app/`: what its command-line tool would
 * upload (docs/hubspot-platform.md#project-files).
 */
const run = promisify(execFile)
const projectFolder = join(process.cwd(), 'hubspot-app')
const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** A copy of the project, below a folder of that prefix */
async function copyBelow(prefix: string): Promise<string> {
  const above = await mkdtemp(join(tmpdir(), prefix))
  folders.push(above)
  await cp(projectFolder, join(above, 'app'), { recursive: true })
  return join(above, 'app')
}

async function parsed(folder: string) {
  const { srcDir, platformVersion } = parseProjectConfig(folder)
  expect(isKnownPlatformVersion(platformVersion)).toBe(true)
  const context = { projectSourceDir: join(folder, srcDir), platformVersion, accountId: 1 }
  // The schemas that it validates with come from an account, over the network.
  return translate(context, { skipValidation: true })
}

test('reads one app with our scopes, and its webhooks', async () => {
  const { intermediateRepresentation, skippedHsMetaFiles } = await parsed(projectFolder)
  expect(skippedHsMetaFiles).toEqual([])
  const nodes = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid)
  expect(nodes.map(({ componentType }) => componentType).sort()).toEqual([
    'APPLICATION',
    'WEBHOOKS',
  ])
  const app = nodes.find(({ componentType }) => componentType === 'APPLICATION')
  expect(app?.config).toMatchObject({
    auth: {
      requiredScopes: [...requiredScopes],
      optionalScopes: [...optionalScopes, ...scopesOfFeatures],
    },
  })
  const webhooks = nodes.find(({ componentType }) => componentType === 'WEBHOOKS')
  // It knows which app they belong to.
  expect(webhooks?.componentDeps).toMatchObject({ app: app?.uid })
})

test('passes over a component that lies elsewhere, and says so', async () => {
  const folder = await copyBelow('project-')
  await mkdir(join(folder, 'src/elsewhere'))
  await rename(
    join(folder, 'src/app/webhooks/webhooks-hsmeta.json'),
    join(folder, 'src/elsewhere/webhooks-hsmeta.json'),
  )
  const { intermediateRepresentation, skippedHsMetaFiles } = await parsed(folder)
  expect(skippedHsMetaFiles).toEqual([join('elsewhere', 'webhooks-hsmeta.json')])
  expect(Object.keys(intermediateRepresentation.intermediateNodesIndexedByUid)).toHaveLength(1)
})

/** The files that the tool uploads from a folder, by its own rule, asked in a process of its own */
async function uploadedFrom(folder: string): Promise<string[]> {
  const program = `
    import { shouldIgnoreFile } from '@hubspot/local-dev-lib/ignoreRules'
    import { readdirSync } from 'node:fs'
    const [root] = process.argv.slice(1)
    process.chdir(root)
    const files = readdirSync('src', { recursive: true })
    console.log(JSON.stringify(files.filter(file => file.endsWith('.json'))
      .filter(file => !shouldIgnoreFile(file, true))))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, folder])
  return (JSON.parse(stdout) as string[]).sort()
}

test('a clone below a folder whose name begins with a dot is uploaded whole, by its .hsignore', async () => {
  const folder = await copyBelow('.hidden-')
  expect(await uploadedFrom(folder)).toEqual([
    'app/app-hsmeta.json',
    'app/webhooks/webhooks-hsmeta.json',
  ])
  await rm(join(folder, '.hsignore'))
  expect(await uploadedFrom(folder)).toEqual([])
})
