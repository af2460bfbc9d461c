import { expect, it } from 'vitest'
import { runBundled } from '../../support/script'
import { fullestWindow } from '../../integration/pacing/windows'
import { testDatabase } from '../../support/mongo'

it('lets four processes together never pass 110 requests in ten seconds, and use nine tenths of that', async () => {
  const test = await testDatabase()
  const seconds = 24
  const processes = await Promise.all(
    Array.from({ length: 4 }, () =>
      runBundled(new URL('pace-process.ts', import.meta.url), [
        test.uri,
        test.database,
        '77',
        String(seconds * 1000),
        '8',
      ]),
    ),
  )
  const instants = (await Promise.all(processes.map(each => each.firstLine))).flatMap(
    line => JSON.parse(line) as number[],
  )
  expect(fullestWindow(instants, 10_000)).toBeLessThanOrEqual(110)
  // The processes do not begin together: what counts is the time in which any of them was at work.
  const lastedMs = Math.max(...instants) - Math.min(...instants)
  expect(instants.length).toBeGreaterThanOrEqual(Math.floor(lastedMs / 10_000) * 99)
  await Promise.all(processes.map(each => each.ended))
  await test.drop()
})
