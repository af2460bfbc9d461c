import { describe, expect, it } from 'vitest'
import { failed, useCrmBench } from './crm-bench'

const bench = useCrmBench()

describe('trouble', () => {
  it.each([
    ['423', { kind: 'status', status: 500 }],
    ['502 of a proxy', { kind: 'html', status: 502 }],
    ['a cut connection', { kind: 'reset' }],
    ['half an answer', { kind: 'truncate' }],
    ['broken JSON', { kind: 'malformed' }],
  ] as const)('reads on after %s', async (_name, action) => {
    await bench.control.inject({ path: '/contacts', times: 2, action })
    expect(
      (await bench.crm.listPage('contacts', { limit: 5, properties: [] })).results,
    ).toHaveLength(5)
    expect((await bench.control.calls({ path: '/contacts' })).length).toBe(3)
  })

  it('gives up in the end, and says what it was', async () => {
    await bench.control.inject({
      path: '/contacts',
      times: null,
      action: { kind: 'status', status: 503 },
    })
    expect(await failed(bench.crm.listPage('contacts', { properties: [] }))).toMatchObject({
      kind: 'transient',
      status: 503,
    })
    expect((await bench.control.calls({ path: '/contacts' })).length).toBe(4)
  })

  it('refreshes once after a 401, and not again', async () => {
    await bench.control.expireAccessTokens()
    expect(
      (await bench.crm.listPage('contacts', { limit: 1, properties: [] })).results,
    ).toHaveLength(1)
    expect((await bench.control.stats()).tokenCalls.refresh_token).toBe(1)
    await bench.control.inject({
      path: '/contacts',
      times: null,
      action: { kind: 'status', status: 401 },
    })
    expect(await failed(bench.crm.listPage('contacts', { properties: [] }))).toMatchObject({
      kind: 'unauthorized',
    })
    expect(
      (await bench.control.calls({ path: '/contacts' })).filter(call => call.status === 401).length,
    ).toBeLessThanOrEqual(3)
  })

  it('waits out a 429 for as long as HubSpot says, and holds everybody else of that portal back', async () => {
    await bench.control.inject({
      path: '/contacts',
      action: {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '1' },
        body: {
          status: 'error',
          errorType: 'RATE_LIMIT',
          policyName: 'TEN_SECONDLY_ROLLING',
          message: 'You have reached your ten_secondly_rolling limit.',
        },
      },
    })
    const [list] = await Promise.all([
      bench.crm.listPage('contacts', { limit: 1, properties: [] }),
      bench.crm.listPage('deals', { limit: 1, properties: [] }),
    ])
    expect(list.results).toHaveLength(1)
    const calls = await bench.control.calls({ path: '/contacts' })
    expect(calls.map(call => call.status)).toEqual([429, 200])
    expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(1000)
  })

  it('follows no cursor that stands still', async () => {
    const answer = { results: [], paging: { next: { after: '7' } } }
    await bench.control.inject({
      path: '/contacts',
      times: null,
      action: { kind: 'status', status: 200, body: answer },
    })
    expect(
      await failed(bench.crm.listPage('contacts', { after: '7', properties: [] })),
    ).toMatchObject({
      kind: 'transient',
      category: 'CURSOR_STANDS_STILL',
    })
  })
})
