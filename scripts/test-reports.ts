import { stripVTControlCharacters } from 'node:util'

/**
 * What a step of `npm test` came to. `failures` names each failed test with the beginning of its
 * error, also of files whose tests never ran.
 */
export interface Totals {
  passed: number
  failed: number
  skipped: number
  failures: string[]
}

/**
 * The part used here of vitest's `json` report (https://vitest.dev/guide/reporters#json-reporter).
 */
export interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { status: string; fullName: string; failureMessages?: string[] | null }[]
  }[]
}

/**
 * The part used here of Playwright's `json` report
 * (https://playwright.dev/docs/test-reporters#json-reporter).
 */
interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  suites?: PlaywrightSuite[]
  errors?: { message?: string }[]
}
interface PlaywrightSuite {
  title: string
  suites?: PlaywrightSuite[]
  specs?: { title: string; ok: boolean; tests: { results: { error?: { message?: string } }[] }[] }[]
}

/** @returns the first lines of an error, without colours */
const beginning = (text: string) =>
  stripVTControlCharacters(text).trim().split('\n').slice(0, 6).join('\n    ')

export function readVitest(report: VitestReport): Totals {
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults
      .filter(test => test.status === 'failed')
      .map(test => `${name} › ${test.fullName}\n    ${beginning(test.failureMessages?.[0] ?? '')}`)
    return failed.length === 0 && status === 'failed'
      ? [`${name}\n    ${beginning(message ?? '')}`]
      : failed
  })
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  }
}

function failedSpecs(suite: PlaywrightSuite): string[] {
  const own = (suite.specs ?? [])
    .filter(spec => !spec.ok)
    .map(
      spec =>
        `${suite.title} › ${spec.title}\n    ${beginning(spec.tests.flatMap(test => test.results).find(result => result.error)?.error?.message ?? '')}`,
    )
  return [...own, ...(suite.suites ?? []).flatMap(failedSpecs)]
}

export function readPlaywright({ stats, suites = [], errors = [] }: PlaywrightReport): Totals {
  const failures = [
    ...suites.flatMap(failedSpecs),
    ...errors.map(error => beginning(error.message ?? '')),
  ]
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
    failures,
  }
}
