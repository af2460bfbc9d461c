import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../..', import.meta.url))

const skipped = new Set([
  'node_modules',
  '.nuxt',
  '.output',
  '.data',
  '.git',
  'artifacts',
  'coverage',
  'test-results',
  'playwright-report',
])

/** Paths of the repository's files below a folder, with `/`, sorted. */
export function filesBelow(folder: string, extension: RegExp): string[] {
  const found: string[] = []
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory() && !skipped.has(entry.name)) found.push(...filesBelow(path, extension))
    if (entry.isFile() && extension.test(entry.name)) found.push(path)
  }
  return found.sort()
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** A heading's anchor, as GitHub makes it. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

/** What a citation may name in a document: its headings, and the ids that begin a table's row. */
export function anchorsOf(markdown: string): Set<string> {
  const prose = markdown.replace(/^```.*?^```/gms, '')
  const headings = [...prose.matchAll(/^#{1,6} +(.+)$/gm)].map(([, text = '']) => anchorOf(text))
  const rows = [...prose.matchAll(/^\| ([A-Z]\d+) \|/gm)].map(([, id = '']) => id.toLowerCase())
  return new Set([...headings, ...rows])
}
