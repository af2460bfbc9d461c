import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { rootDir } from '../support/build'

const filesBelow = (folder: string, ending: string) =>
  readdirSync(join(rootDir, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .map(name => join(rootDir, folder, name))

it('every component is named in a component or browser test', () => {
  const components = filesBelow('components', '.vue').map(file => basename(file, '.vue'))
  const tests = ['tests/components', 'tests/e2e'].flatMap(folder => filesBelow(folder, '.ts'))
  const words = new Set(tests.flatMap(file => readFileSync(file, 'utf8').match(/\w+/g) ?? []))
  expect(components.length).toBeGreaterThan(50)
  expect(components.filter(name => !words.has(name))).toEqual([])
})
