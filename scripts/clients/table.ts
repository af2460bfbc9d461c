/** What one step of one client came to. */
export interface StepResult {
  name: string
  outcome: 'passed' | 'failed'
  /** Why it failed */
  detail: string
  /** Steps that fail for a known reason: the client's own, or something the simulator lacks */
  known: { fault: 'client' | 'missing'; why: string } | null
}

export interface ClientResult {
  name: string
  version: string
  steps: StepResult[]
}

/** Whether a step came out as the table says: failed where a reason is known, passed elsewhere. */
export const isAsExpected = ({ outcome, known }: StepResult): boolean =>
  (outcome === 'failed') === (known !== null)

const words = { passed: 'passed', client: "client's own fault", missing: 'not built' }

function wordOf(result: StepResult): string {
  if (!isAsExpected(result)) return result.known ? 'passes now: take the note away' : 'FAILED'
  return words[result.known?.fault ?? 'passed']
}

/** The results as a Markdown table. */
export function tableOf(results: readonly ClientResult[]): string {
  const rows = results.flatMap(({ name, version, steps }) =>
    steps.map(step => {
      const note = step.known?.why ?? (step.outcome === 'failed' ? step.detail : '')
      return `| ${name} ${version} | ${step.name} | ${wordOf(step)} | ${note.replaceAll('|', '\\|')} |`
    }),
  )
  return ['| client | step | outcome | note |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** Reads the steps' output: a line of JSON for each. */
export function readSteps(output: string): StepResult[] {
  return output
    .split('\n')
    .filter(line => line.startsWith('{"name":'))
    .map(line => JSON.parse(line) as StepResult)
}
