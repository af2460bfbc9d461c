import { beforeEach, expect, test } from 'vitest'
import type { Connection } from '#shared/contracts/connection'
import type { Run } from '#shared/contracts/runs'
import { createRunFollower } from '../../utils/run-follower'
import { aConnection, aRun } from '../components/builders'

let connection: { value: Connection | null }
let finished: [string, Run['status']][]
let progressed: string[]
let asked: string[]
let answer: Run | null
let follower: ReturnType<typeof createRunFollower>
beforeEach(() => {
  ;[connection, finished, progressed, asked, answer] = [{ value: aConnection() }, [], [], [], null]
  follower = createRunFollower({
    connection,
    ask: id => {
      asked.push(id)
      return Promise.resolve(answer)
    },
    finished: run => void finished.push([run.id, run.status]),
    progressed: run => void progressed.push(run.id),
  })
})

const going = (id: string) => aRun({ id, status: 'running' })
const over = (id: string, status: Run['status'] = 'succeeded') => aRun({ id, status })

test('what had ended before one looked is no news', () => {
  follower.takeRun(over('a'))
  expect(finished).toEqual([])
})

test('a run that was seen going on is told once when it ends, and is no longer the present one', () => {
  follower.takeRun(going('a'))
  expect(connection.value?.currentRun?.id).toBe('a')
  follower.takeRun(over('a', 'failed'))
  follower.takeRun(over('a', 'failed'))
  follower.takeRun(going('a'))
  expect([finished, progressed, connection.value?.currentRun]).toEqual([
    [['a', 'failed']],
    ['a'],
    null,
  ])
})

test('a run that began and ended between two looks is told as well', () => {
  follower.takeRun(over('a'))
  follower.takeRun(over('b'))
  follower.takeRun(over('c'))
  follower.takeRun(over('b'))
  expect(finished).toEqual([
    ['b', 'succeeded'],
    ['c', 'succeeded'],
  ])
})

test('the first run that is told is news when the page had it as going on', () => {
  connection.value = aConnection({ currentRun: going('a') })
  follower.takeRun(over('a'))
  expect(finished).toEqual([['a', 'succeeded']])
})

test('a run that the connection no longer has is asked for, once, however it is told of afterwards', async () => {
  follower.takeRun(going('a'))
  answer = over('a', 'failed')
  follower.takeConnection(aConnection())
  follower.takeRun(over('a', 'failed'))
  await expect.poll(() => finished).toEqual([['a', 'failed']])
  expect(asked).toEqual(['a'])
})

test('a run that cannot be asked for counts as cancelled', async () => {
  connection.value = aConnection({ currentRun: going('a') })
  follower.takeConnection(aConnection({ currentRun: going('b') }))
  await expect.poll(() => finished).toEqual([['a', 'cancelled']])
})
