import { describe, expect, test } from 'vitest'
import { formatDay, formatMoney, formatRelative, formatShare } from '../../utils/format'
import { hubspotRecordUrl } from '../../utils/hubspot-links'
import { createEventSourceClient } from '../../utils/live-events'
import { safeNext } from '../../utils/next-path'
import { toProblem } from '../../utils/problem'
import { durationInWords, progressOf } from '../../utils/run-progress'

describe('where sign-in leads', () => {
  test.each([
    '/leads',
    '/leads?view=deals',
    '/settings/hubspot?error=invalid_state',
    '/settings/hubspot/health',
    '/v1/integrations/hubspot/callback?step=authorize&returnUrl=https%3A%2F%2Fapp.hubspot.com%2Fx',
  ])('%s is ours', path => expect(safeNext(path)).toBe(path))
  test.each([
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/leads/../..//evil.example',
    '/api/v1/auth/me',
    '/v1/integrations/hubspot/callback?code=a&state=b',
    '/v1/integrations/hubspot/callback?step=authorize&returnUrl=x&code=y',
    'javascript:alert(1)',
    '/leads?a=\nb',
    '/leads\u0000',
    ['/leads'],
    null,
    `/leads?${'x'.repeat(5000)}`,
  ])('%j is refused', path => expect(safeNext(path)).toBeNull())
})

describe('errors in words', () => {
  test("the API's code chooses them, whatever the server's sentence", () => {
    const problem = toProblem({
      statusCode: 409,
      data: {
        statusCode: 409,
        message: 'raw',
        data: { code: 'stale_revision', correlationId: 'c', current: { id: 1 } },
      },
    })
    expect(problem).toMatchObject({
      code: 'stale_revision',
      status: 409,
      data: { current: { id: 1 } },
    })
    expect(problem.title).not.toContain('raw')
  })
  test.each([undefined, null, 'text', new Error('x'), {}])('%j is a lost connection', error =>
    expect(toProblem(error).code).toBe('network'),
  )
  test('an unknown code has words too', () =>
    expect(toProblem({ statusCode: 500, data: { data: { code: 'new_code' } } }).title).not.toBe(''))
})

describe('numbers', () => {
  test('money keeps its text where it is not a number', () => {
    expect(formatMoney('1200.5', 'EUR', 'en-GB')).toBe('€1,200.50')
    expect(formatMoney('1200', null, 'de')).toBe('1.200')
    expect(formatMoney('x', 'EUR', 'en')).toBe('x')
  })
  test("money has its currency's own digits and loses none of them", () => {
    expect(formatMoney('1200.125', 'KWD', 'en')).toBe('KWD\u00A01,200.125')
    expect(formatMoney('1200', 'JPY', 'en')).toBe('¥1,200')
    expect(formatMoney('999999999999999.99', 'USD', 'en-US')).toBe('$999,999,999,999,999.99')
    expect(formatMoney('-0.5', 'USD', 'en-US')).toBe('-$0.50')
    expect(formatMoney('1.123456', null, 'en')).toBe('1.123456')
  })
  test('a share is never rounded up to all', () =>
    expect(formatShare(0.99999, 'en')).toBe('99.99%'))
  test('a calendar day has no time zone', () =>
    expect(formatDay('2026-01-01', 'en-GB')).toBe('1 Jan 2026'))
  test('times in words', () => {
    const now = Date.parse('2026-11-24T12:00:00Z')
    expect(formatRelative('2026-11-24T11:57:00Z', now, 'en')).toBe('3 minutes ago')
    expect(formatRelative('2026-11-24T11:59:50Z', now, 'en')).toBe('just now')
  })
  test('a run that sees more than expected does not pass 100 percent', () => {
    const counts = { seen: 30, created: 0, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 }
    const run = {
      id: '1',
      kind: 'initial',
      status: 'running',
      trigger: 'connect',
      startedAt: null,
      finishedAt: null,
      counts,
      total: 20,
      ratePerSecond: 0,
      error: null,
      phase: null,
      identical: null,
    } as const
    expect(progressOf(run)).toMatchObject({ percent: 100, total: 30, secondsLeft: null })
    expect(durationInWords(95)).toBe('2 minutes')
  })
})

test('a link into HubSpot is only made from a host name', () => {
  expect(hubspotRecordUrl({ uiDomain: 'app.hubspot.com', portalId: '1' }, '0-3', '7')).toBe(
    'https://app.hubspot.com/contacts/1/record/0-3/7',
  )
  expect(hubspotRecordUrl({ uiDomain: 'evil.example/x?', portalId: '1' }, '0-1', '7')).toBeNull()
  expect(hubspotRecordUrl({ uiDomain: 'app.hubspot.com', portalId: '1' }, '0-1', null)).toBeNull()
})

describe('the live stream', () => {
  function turned() {
    const sources: (EventTarget & { close: () => void })[] = []
    const timers: { run: () => void; ms: number }[] = []
    const states: string[] = []
    const seen: unknown[] = []
    let polls = 0
    const client = createEventSourceClient({
      url: '/events',
      on: { run: data => seen.push(data) },
      poll: async () => void polls++,
      changed: state => states.push(state),
      environment: {
        open: () => {
          const source = Object.assign(new EventTarget(), { close: () => undefined })
          sources.push(source)
          return source as unknown as EventSource
        },
        setTimeout: (run, ms) => {
          timers.push({ run, ms })
          return 0 as unknown as ReturnType<typeof setTimeout>
        },
        random: () => 1,
      },
    })
    const fail = () => sources.at(-1)?.dispatchEvent(new Event('error'))
    return { client, sources, timers, states, seen, fail, polls: () => polls }
  }

  test('comes back with growing pauses, and asks meanwhile from the second failure on', () => {
    const { client, sources, timers, states, fail, polls } = turned()
    client.start()
    fail()
    expect(timers.map(timer => timer.ms)).toEqual([1000])
    timers.shift()?.run()
    fail()
    expect(states).toEqual(['polling'])
    expect(timers.map(timer => timer.ms)).toEqual([0, 2000])
    timers[0]?.run()
    expect(polls()).toBe(1)
    timers[1]?.run()
    sources.at(-1)?.dispatchEvent(new Event('open'))
    expect(states).toEqual(['polling', 'live'])
    client.stop()
  })

  test('hands on what it understands and drops the rest', () => {
    const { client, sources, seen } = turned()
    client.start()
    sources[0]?.dispatchEvent(Object.assign(new Event('run'), { data: '{"id":"1"}' }))
    sources[0]?.dispatchEvent(Object.assign(new Event('run'), { data: '{half' }))
    expect(seen).toEqual([{ id: '1' }])
    client.stop()
  })
})
