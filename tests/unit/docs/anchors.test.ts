import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { read, root } from './markdown'

const document = read('docs/architecture.md')
const anchor = /\b(?<file>(?:server|shared|simulator|composables)\/[\w./[\]-]+\.ts):(?<name>\w+)/g

/**
 * How many functions of ours may be passed on the way: more, and nobody can follow it. These may
 * only shrink; the goal is 22 for the event and 17 for the edit.
 */
const limits = { 'A webhook event': 22, 'A local edit': 17 }

/** Whether a file declares a function of this name, as a function, a constant or a member. */
function defines(text: string, name: string): boolean {
  if (name === 'default') return /^export default /m.test(text)
  return [
    `function\\*? ${name}\\b`,
    `(?:const|let) ${name}\\b[^=\\n]*=`,
    `^\\s+(?:async )?${name}\\s*(?:<[^>]*>)?\\(`,
    `^\\s+(?:'${name}'|${name}): (?:async )?(?:\\(|\\w+ ?=>|\\w+\\()`,
  ].some(pattern => new RegExp(pattern, 'm').test(text))
}

function anchorsIn(text: string): { file: string; name: string }[] {
  return [...text.matchAll(anchor)].map(match => ({
    file: match.groups?.file ?? '',
    name: match.groups?.name ?? '',
  }))
}

/** @returns the anchors of a text that lead nowhere */
function brokenAnchors(text: string): string[] {
  return anchorsIn(text)
    .filter(({ file, name }) => !existsSync(join(root, file)) || !defines(read(file), name))
    .map(({ file, name }) => `${file}:${name}`)
}

/** The sequence diagram below a heading. */
function diagramOf(heading: string): string {
  const section = document.split(`## ${heading}\n`)[1]?.split(/^## /m)[0] ?? ''
  return /^```mermaid\n(sequenceDiagram\n.*?)^```/ms.exec(section)?.[1] ?? ''
}

describe('code anchors of docs/architecture.md', () => {
  test('name functions that exist', () => {
    expect(anchorsIn(document).length).toBeGreaterThan(20)
    expect(brokenAnchors(document)).toEqual([])
  })

  test('are found broken when a file or a function is gone', () => {
    const broken = ['server/nowhere.ts:start', 'server/sync/webhooks/parse.ts:nothing']
    expect(brokenAnchors(broken.join(' and '))).toEqual(broken)
  })
})

describe.each(Object.entries(limits))('the way of: %s', (heading, most) => {
  const diagram = diagramOf(heading)

  test('has a code anchor at each step', () => {
    const steps = diagram.split('\n').filter(line => /->>|-->>/.test(line))
    expect(steps.length).toBeGreaterThan(5)
    expect(steps.filter(step => anchorsIn(step).length === 0)).toEqual([])
  })

  test(`passes at most ${most} functions of ours`, () => {
    const passed = new Set(anchorsIn(diagram).map(({ file, name }) => `${file}:${name}`))
    expect(passed.size).toBeLessThanOrEqual(most)
  })
})
