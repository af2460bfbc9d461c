import type { DoctorCheck } from '#shared/contracts/insight'
import type { Redactor } from '../observability/redact'

const marks: Record<DoctorCheck['status'], string> = {
  pass: 'PASS',
  warn: 'WARN',
  fail: 'FAIL',
  skipped: 'SKIP',
}

export interface ReportFacts {
  at: Date
  appVersion: string
  /** `null`: nothing for the reader */
  nodeVersion: string | null
  apiVersion: string
}

/** Text to copy into a ticket: facts and verdicts, no secret, no name, no e-mail address. */
export function writeReport(
  checks: readonly DoctorCheck[],
  { at, appVersion, nodeVersion, apiVersion }: ReportFacts,
  redactor: Redactor,
): string {
  const counts = (['fail', 'warn', 'pass', 'skipped'] as const)
    .map(status => `${checks.filter(check => check.status === status).length} ${marks[status]}`)
    .join(', ')
  const lines = [
    [
      `Partner Connector ${appVersion}`,
      ...(nodeVersion === null ? [] : [`Node ${nodeVersion}`]),
      `HubSpot API ${apiVersion}`,
    ].join(' · '),
    `${at.toISOString()} · ${counts}`,
    '',
    ...checks.flatMap(({ id, status, message, fix }) => [
      `[${marks[status]}] ${id}: ${message}`,
      ...(fix === null ? [] : [`       fix: ${fix}`]),
    ]),
  ]
  return lines.map(line => redactor.redact(line)).join('\n')
}
