import { expect, test } from 'vitest'
import type { RequestPriority } from '../../server/hubspot/crm-types'
import { createWaitingLine } from '../../server/hubspot/waiting-line'
import { present } from '../support/present'

interface Ask {
  priority: RequestPriority
  answer(granted: number, waitMs?: number): void
}

/** A line whose budget answers as the test tells it to, when the test tells it to. */
function startLine() {
  const asks: Ask[] = []
  let onAsk = () => {}
  const line = createWaitingLine({
    ask: priority =>
      new Promise(resolve => {
        asks.push({ priority, answer: (granted, waitMs = 0) => resolve({ granted, waitMs }) })
        onAsk()
      }),
    onIdle() {},
  })
  const asked = async (): Promise<Ask> => {
    while (asks.length === 0) await new Promise<void>(resolve => (onAsk = resolve))
    return present(asks.shift())
  }
  const join = (priority: RequestPriority, maxWaitMs = Number.POSITIVE_INFINITY) =>
    line
      .join(priority, { maxWaitMs, timeout: waitMs => new Error(`${waitMs} ms is too long`) })
      .then(
        () => 'granted',
        (error: Error) => error.message,
      )
  return { asked, join }
}

test('a person who comes while a backfill is told to wait has a turn of their own at once', async () => {
  const { asked, join } = startLine()
  const backfill = join('backfill')
  const first = await asked()
  const person = join('interactive', 0)
  first.answer(0, 600_000)
  const second = asked()
  // Without that turn they would be sent away because of the backfill.
  expect(await Promise.race([person, second.then(({ priority }) => `asked for ${priority}`)])).toBe(
    'asked for interactive',
  )
  void second.then(ask => ask.answer(1))
  expect(await person).toBe('granted')
  const third = await asked()
  third.answer(1)
  expect(await backfill).toBe('granted')
})

test('what a person has to wait, everybody behind them has to wait too', async () => {
  const { asked, join } = startLine()
  const person = join('interactive', 1000)
  const first = await asked()
  const others = [join('normal', 1000), join('backfill', 1000)]
  first.answer(0, 5000)
  expect(await Promise.all([person, ...others])).toEqual(
    Array.from({ length: 3 }, () => '5000 ms is too long'),
  )
})
