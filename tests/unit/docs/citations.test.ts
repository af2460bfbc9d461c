import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anchorsOf, filesBelow, read, root } from './markdown'

/** A Markdown document, with its folder or without, and the sections that it names in there. */
const citation =
  /(?<![\w/.-])(?<path>(?:\.{1,2}\/)*(?:[\w.-]+\/)*[\w-]+\.md)(?:#(?<anchor>[\w-]+)(?<more>(?:(?:,| to| and)(?:\s|\*|\/\/)+#[\w-]+)*)|`?(?:\s|\*|\/\/)*§\s*(?<section>[\w.]+))?/g
/** Documents that were never part of the repository were cited by their first name. */
const bareSection = /\b(?:spec|design|security|hubspot|house|style|peers) §/gi
const ownAnchor = /\]\(#(?<anchor>[\w-]+)\)/g

const lineOf = (text: string, index: number) => text.slice(0, index).split('\n').length

/** @returns each citation of a file that leads nowhere, as `file:line citation` */
function brokenCitations(file: string, text: string): string[] {
  const broken: string[] = []
  const report = (index: number, what: string) =>
    broken.push(`${file}:${lineOf(text, index)} ${what.replace(/\s+/g, ' ')}`)
  for (const match of text.matchAll(citation)) {
    const { path = '', anchor, more = '', section } = match.groups ?? {}
    const isFileName = !path.includes('/') && /['"]/.test(text[match.index - 1] ?? '')
    if (isFileName && anchor === undefined && section === undefined) continue
    const target = [path, normalize(join(dirname(file), path))].find(one =>
      existsSync(join(root, one)),
    )
    const anchors = target === undefined ? null : anchorsOf(read(target))
    const named = [anchor, section, ...[...more.matchAll(/#([\w-]+)/g)].map(([, one]) => one)]
    if (anchors === null || named.some(one => one !== undefined && !anchors.has(one))) {
      report(match.index, match[0])
    }
  }
  for (const match of text.matchAll(bareSection)) report(match.index, match[0])
  if (file.endsWith('.md')) {
    const anchors = anchorsOf(text)
    for (const match of text.matchAll(ownAnchor)) {
      if (!anchors.has(match.groups?.anchor ?? '')) report(match.index, match[0])
    }
  }
  return broken
}

describe('citations of documents', () => {
  const files = filesBelow('', /\.(?:ts|vue|mjs|md)$/).filter(
    file => file !== 'tests/unit/docs/citations.test.ts',
  )

  test('name documents and sections that exist, in code, comments and documents', () => {
    expect(files.length).toBeGreaterThan(300)
    expect(files.flatMap(file => brokenCitations(file, read(file)))).toEqual([])
  })

  test.each([
    ['a document that is not there', 'See docs/nowhere.md.'],
    ['a section that is not there', 'See docs/hubspot-platform.md#nowhere.'],
    ['a section by number', 'See hubspot.md §2.4.'],
    ['a section on the next line of a comment', '/**\n * (docs/operations.md\n * §2.4)\n */'],
    ['a document by its first name', 'in the order of spec §6.2'],
    ['a row that is not there', 'See docs/security-checklist.md#a99.'],
    ['one of several that is not there', '(docs/hubspot-platform.md#search, #lists,\n// #gone)'],
  ])('report %s', (_, text) => {
    expect(brokenCitations('server/made-up.ts', text)).toHaveLength(1)
  })

  test.each([
    ['a section', 'See docs/hubspot-platform.md#search.'],
    ['a row of a table', 'See docs/security-checklist.md#a17.'],
    ['a document in the same folder', '[operations.md](operations.md#health-metrics-logs)'],
    ['a page of the web', 'https://developers.hubspot.com/docs/page.md'],
    ['a file name in code', "join(root, 'docs', 'security-checklist.md')"],
  ])('accept %s', (_, text) => {
    expect(brokenCitations('docs/made-up.md', text)).toEqual([])
  })
})
