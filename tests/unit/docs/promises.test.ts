import { describe, expect, test } from 'vitest'
import { filesBelow, read } from './markdown'

/** Names of tests and groups: the first argument of `test`, `it`, `describe` and their variants. */
const testName =
  /\b(?:test|it|describe)(?:\.\w+)*(?:\((?:[^()]|\([^()]*\))*\))?\(\s*(['"`])(?<name>(?:\\.|(?!\1)[^\\])*)\1/g
const inName = /\bP(?<id>\d+)\b/g
const inSource = /\bPromise P(?<id>\d+)\b/g

const idsOf = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(match => `P${match.groups?.id ?? ''}`)

const promised = [
  ...read('docs/architecture.md').matchAll(/^\| (?<id>P\d+) \| (?<text>[^|]+) \|/gm),
].map(match => ({ id: match.groups?.id ?? '', text: match.groups?.text ?? '' }))

const named = new Set(
  filesBelow('tests', /\.(?:test|spec)\.ts$/)
    .flatMap(file => [...read(file).matchAll(testName)])
    .flatMap(match => idsOf(match.groups?.name ?? '', inName)),
)
const kept = new Set(
  ['server', 'shared'].flatMap(folder =>
    filesBelow(folder, /\.ts$/).flatMap(file => idsOf(read(file), inSource)),
  ),
)

describe('the promises of docs/architecture.md', () => {
  test('have ids without a gap', () => {
    expect(promised.length).toBeGreaterThanOrEqual(11)
    expect(promised.map(({ id }) => id)).toEqual(promised.map((_, index) => `P${index + 1}`))
  })

  test.each(promised)('$id stands in the name of a test and in a source file: $text', ({ id }) => {
    expect({ id, inTestName: named.has(id), inSource: kept.has(id) }).toEqual({
      id,
      inTestName: true,
      inSource: true,
    })
  })

  test('are the only ones that tests and sources name', () => {
    const known = new Set(promised.map(({ id }) => id))
    expect([...named, ...kept].filter(id => !known.has(id))).toEqual([])
  })
})
