import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { present } from '../support/present'

const root = fileURLToPath(new URL('../..', import.meta.url))
const Bom = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.looseObject({
      purl: z.string(),
      properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    }),
  ),
})
const Lock = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string(),
      name: z.string().optional(),
      dev: z.boolean().optional(),
    }),
  ),
})

test('npm run sbom lists every package that the app is built from, and marks what is for development only', () => {
  const bom = Bom.parse(
    JSON.parse(
      execFileSync('npm', ['run', '--silent', 'sbom'], {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      }),
    ),
  )
  const lock = Lock.parse(JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8')))
  const locked = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev)
  const purlOf = (
    path: string,
    {
      version,
      name = present(path.split('node_modules/').at(-1)),
    }: { version: string; name?: string },
  ) => `pkg:npm/${name.replace('@', '%40')}@${version}`
  const listed = new Set(bom.components.map(({ purl }) => purl.split('?')[0]))
  expect(
    locked.map(([path, entry]) => purlOf(path, entry)).filter(purl => !listed.has(purl)),
  ).toEqual([])
  const engine = bom.components.find(({ purl }) => purl.includes('%400q/embedded-mongodb'))
  expect(engine?.properties).toContainEqual({ name: 'cdx:npm:package:development', value: 'true' })
}, 120_000)
