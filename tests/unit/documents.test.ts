import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import packageFile from '../../package.json'

const root = fileURLToPath(new URL('../..', import.meta.url))
const papers = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]
const testFiles = readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' }).map(
  name => `tests/${name.replaceAll('\\', '/')}`,
)
const variables = new Set(
  [...readFileSync(join(root, '.env.example'), 'utf8').matchAll(/^#(NUXT_\w+)=/gm)].map(
    ([, name]) => name,
  ),
)
const scripts = new Set(Object.keys(packageFile.scripts))

const all = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, found = '']) => found)

describe.each(papers)('%s', paper => {
  const text = readFileSync(join(root, paper), 'utf8')

  test('links to files that exist', () => {
    const links = all(text, /\]\((?!https?:|mailto:|#)([^)#\s]+)/g)
    expect(links.filter(link => !existsSync(join(root, dirname(paper), link)))).toEqual([])
  })

  test('names tests, commands and variables that exist', () => {
    expect(
      all(text, /`([\w/.-]+\.test\.ts)`/g).filter(
        name => !testFiles.some(file => file.endsWith(`/${name.replace(/^tests\//, '')}`)),
      ),
    ).toEqual([])
    expect(
      all(text, /npm run (?:--silent )?([\w:-]+)/g).filter(name => !scripts.has(name)),
    ).toEqual([])
    expect(
      all(text, /\b(NUXT_[A-Z_]+[A-Z])\b/g).filter(
        name => !variables.has(name) && name !== 'NUXT_PUBLIC_DEMO_ACCOUNTS',
      ),
    ).toEqual([])
  })
})
