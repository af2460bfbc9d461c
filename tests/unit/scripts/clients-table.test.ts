import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { clients } from '../../../scripts/clients/list'
import { isAsExpected, readSteps, tableOf, type StepResult } from '../../../scripts/clients/table'

const step = (changes: Partial<StepResult>): StepResult => ({
  name: 'a step',
  outcome: 'passed',
  detail: '',
  known: null,
  ...changes,
})
const known = { fault: 'client' as const, why: 'it sends a header' }

test('a step that fails without a known reason, or passes in spite of one, is not expected', () => {
  expect(isAsExpected(step({}))).toBe(true)
  expect(isAsExpected(step({ outcome: 'failed' }))).toBe(false)
  expect(isAsExpected(step({ outcome: 'failed', known }))).toBe(true)
  expect(isAsExpected(step({ known }))).toBe(false)
})

test('the table says whose fault a failure is', () => {
  const steps = [
    step({}),
    step({ outcome: 'failed', detail: '404 | gone' }),
    step({ outcome: 'failed', known }),
    step({ known }),
  ]
  expect(
    tableOf([{ name: 'client', version: '1.0.0', steps }])
      .split('\n')
      .slice(2),
  ).toEqual([
    '| client 1.0.0 | a step | passed |  |',
    '| client 1.0.0 | a step | FAILED | 404 \\| gone |',
    "| client 1.0.0 | a step | client's own fault | it sends a header |",
    '| client 1.0.0 | a step | passes now: take the note away | it sends a header |',
  ])
})

test('steps are read from between what a client prints itself', () => {
  expect(readSteps(`noise\n${JSON.stringify(step({}))}\nmore {"name"`)).toEqual([step({})])
})

test('the kept table has every client, and no failure', () => {
  const page = readFileSync(new URL('../../../docs/clients.md', import.meta.url), 'utf8')
  for (const { name, version } of clients) expect(page).toContain(`| ${name} ${version} |`)
  expect(page).not.toMatch(/FAILED|passes now/)
})

/** docs/hubspot-platform.md#project-files */
test('the HubSpot project has the list without which a clone below a hidden folder is empty', () => {
  expect(existsSync(new URL('../../../hubspot-app/.hsignore', import.meta.url))).toBe(true)
})
