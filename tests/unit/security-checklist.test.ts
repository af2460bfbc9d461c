import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { present } from '../support/present'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tests = readdirSync(join(root, 'tests'), { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && /\.(test|spec)\.ts$/.test(entry.name))
  .map(entry => join(entry.parentPath, entry.name).slice(join(root, 'tests').length + 1))

interface Row {
  id: string
  shownBy: string
}

/** The rows of the tables: id, requirement, what shows it. */
function rowsOf(text: string): Row[] {
  return [...text.matchAll(/^\| ([A-Z]\d+|\d+\.\d+\.\d+) \| (.*) \|$/gm)].map(
    ([, id = '', rest = '']) => ({
      id,
      shownBy: rest.slice(rest.indexOf(' | ') + 3),
    }),
  )
}
const namedTests = ({ shownBy }: Row) =>
  [...shownBy.matchAll(/`([\w/-]+\.(?:test|spec)\.ts)`/g)].map(match => present(match[1]))
const namedFiles = ({ shownBy }: Row) =>
  [...shownBy.matchAll(/`((?:server|shared|scripts|modules)\/[\w/.[\]-]+)`/g)].map(match =>
    present(match[1]),
  )
/** By its path below `tests/`, or by its name where one alone has it */
const exists = (name: string) =>
  name.includes('/')
    ? tests.includes(name)
    : tests.filter(file => basename(file) === name).length === 1

/**
 * Rows by their letter, and the sections of OWASP ASVS 5.0 on authentication (6) and sessions (7):
 * how many requirements each has, and which of them are for level 3 alone.
 */
const sections: [string, number, number[]?][] = [
  ['A', 35],
  ['B', 41],
  ['C', 18],
  ['D', 19],
  ['E', 25],
  ['F', 15],
  ['6.1.', 3],
  ['6.2.', 12],
  ['6.3.', 8, [5, 6, 7, 8]],
  ['6.4.', 6, [5, 6]],
  ['6.5.', 8, [6, 7, 8]],
  ['6.6.', 4, [4]],
  ['6.8.', 4],
  ['7.1.', 3],
  ['7.2.', 4],
  ['7.3.', 2],
  ['7.4.', 5],
  ['7.5.', 3, [3]],
  ['7.6.', 2],
]
const wanted = sections.flatMap(([prefix, count, others = []]) =>
  Array.from({ length: count }, (_, index) => index + 1)
    .filter(number => !others.includes(number))
    .map(number => `${prefix}${number}`),
)

/** The words of tests, in one form: titles are spelled with either quotation mark, and have ids */
const plain = (text: string) =>
  text
    .replace(/\\?[’']/g, "'")
    .replace(/ \([A-Z]\d+(?: and [A-Z]\d+)*\)/g, '')
    .replace(/\s+/g, ' ')
const declaration =
  /\b(?<kind>test|it|describe)(?:\.\w+)*(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|<[^>]*>)*\(\s*(?<mark>['"`])(?<name>(?:\\.|(?!\k<mark>)[^\\])*)\k<mark>/g

/** The names of a file's tests, each behind those of its groups, and the whole text at the end. */
function titlesOf(text: string): string[] {
  const titles: string[] = []
  const groups: { indent: number; name: string }[] = []
  for (const { index, groups: found } of text.matchAll(declaration)) {
    const line = text.slice(text.lastIndexOf('\n', index) + 1, index)
    const indent = line.length - line.trimStart().length
    while ((groups.at(-1)?.indent ?? -1) >= indent) groups.pop()
    const name = found?.name ?? ''
    if (found?.kind === 'describe') groups.push({ indent, name })
    else titles.push(plain([...groups.map(group => group.name), name].join(' ')))
  }
  return [...titles, plain(text)]
}
const read = new Map<string, string[]>()
function titlesIn(file: string): string[] {
  const path = file.includes('/') ? file : tests.find(test => basename(test) === file)
  const titles = read.get(file) ?? titlesOf(readFileSync(join(root, 'tests', path ?? file), 'utf8'))
  read.set(file, titles)
  return titles
}
/** Whether a test has these words in its name; `…` stands for any. */
function isTitle(words: string, titles: string[]): boolean {
  const parts = plain(words).split('…')
  return titles.some(title => {
    let from = 0
    return parts.every(part => {
      const at = title.indexOf(part, from)
      from = at + part.length
      return at >= 0
    })
  })
}

/** What stands behind a file's name, up to the next one: titles of tests in it, then other words */
const namedTitles = ({ shownBy }: Row): { file: string; titles: string[] }[] =>
  [...shownBy.matchAll(/`([\w/-]+\.(?:test|spec)\.ts)`(?:: ((?:(?!`[\w/-]+\.\w|\*\*).)*))?/g)].map(
    ([, file = '', words = '']) => ({
      file,
      titles: (words.split(/\. (?=[A-Z])/)[0] ?? '')
        .split('; ')
        .map(title => title.replace(/[.;\s]+$/, ''))
        .filter(title => title !== '' && !/^[\w ]+:$/.test(title)),
    }),
  )

/** Each row names tests by their titles, not by their files alone. */
function problemsOfTitles(row: Row): string[] {
  const named = namedTitles(row).filter(({ file }) => exists(file))
  return [
    ...named
      .filter(({ titles }) => titles.length === 0)
      .map(({ file }) => `${row.id} names ${file} without a test in it`),
    ...named.flatMap(({ file, titles }) =>
      titles
        .filter(title => !isTitle(title, titlesIn(file)))
        .map(title => `${row.id}: ${file} has no test “${title}”`),
    ),
  ]
}

/** What is wrong with the list: rows that miss, that show nothing, and files that are not there. */
function problemsOf(text: string): string[] {
  const rows = rowsOf(text)
  const ids = rows.map(row => row.id)
  return [
    ...wanted.filter(id => !ids.includes(id)).map(id => `${id} is missing`),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map(id => `${id} stands twice`),
    ...rows.flatMap(row =>
      namedTests(row)
        .filter(name => !exists(name))
        .map(name => `${row.id} names ${name}, which is not there`),
    ),
    ...rows.flatMap(row =>
      namedFiles(row)
        .filter(name => !existsSync(join(root, name)))
        .map(name => `${row.id} names ${name}, which is not there`),
    ),
    ...rows
      .filter(
        row =>
          namedTests(row).length === 0 &&
          row.shownBy !== 'same test' &&
          !row.shownBy.includes('**Deviation**'),
      )
      .map(row => `${row.id} names neither a test nor a deviation`),
    ...rows.flatMap(problemsOfTitles),
    ...rows.filter(row => /\*\*Open\*\*/i.test(row.shownBy)).map(row => `${row.id} is open`),
  ]
}

describe('the security checklist', () => {
  const text = readFileSync(join(root, 'docs', 'security-checklist.md'), 'utf8')

  test('has every row, each with tests that exist or the reason why it is done otherwise', () => {
    expect(problemsOf(text)).toEqual([])
    expect(rowsOf(text)).toHaveLength(wanted.length)
  })

  test('would not pass with a row missing, a test renamed or nothing shown', () => {
    const damaged = text
      .replace(/^\| A7 .*\n/m, '')
      .replace('built/csrf.test.ts', 'built/renamed.test.ts')
      .replace('idle for twelve hours', 'idle for a week')
      .replace(': the account menu leads there, and out', '')
      .replace(/^(\| B13 \|[^|]*\|).*\|$/m, '$1 we are careful |')
    expect(problemsOf(damaged)).toEqual(
      expect.arrayContaining([
        'A7 is missing',
        'A34 names built/renamed.test.ts, which is not there',
        'B13 names neither a test nor a deviation',
        '7.4.4 names components/account.test.ts without a test in it',
        expect.stringMatching(/^B39: .* has no test “.*idle for a week/),
      ]),
    )
  })
})
