import { describe, expect, it } from 'vitest'
import { sideBySide, type Task } from '../../../scripts/side-by-side'

/** Runs the tasks, each until the test lets it end; `events` says what happened in which order. */
function aRun(tasks: Task[], width: number) {
  const events: string[] = []
  const ends = new Map<string, (ok: boolean) => void>()
  const over = sideBySide(
    tasks,
    width,
    task => {
      events.push(`start ${task.name}`)
      return new Promise(resolve => ends.set(task.name, resolve))
    },
    (task, failed) => events.push(`skip ${task.name} for ${failed}`),
  )
  const end = async (name: string, ok = true) => {
    ends.get(name)?.(ok)
    await new Promise(resolve => setImmediate(resolve))
  }
  return { events, end, over }
}

describe('tasks side by side', () => {
  it('keeps as many running as there are places, in the order of the list', async () => {
    const { events, end, over } = aRun([{ name: 'a' }, { name: 'b' }, { name: 'c' }], 2)
    expect(events).toEqual(['start a', 'start b'])
    await end('b')
    expect(events).toEqual(['start a', 'start b', 'start c'])
    await end('a')
    await end('c', false)
    await over
  })

  it('lets others pass one that waits, and leaves out what needs a task that failed', async () => {
    const { events, end, over } = aRun(
      [
        { name: 'build' },
        { name: 'browser', needs: ['build'] },
        { name: 'unit' },
        { name: 'scan', after: ['browser', 'unit'] },
      ],
      2,
    )
    expect(events).toEqual(['start build', 'start unit'])
    await end('build', false)
    expect(events.slice(2)).toEqual(['skip browser for build'])
    await end('unit', false)
    expect(events.slice(3)).toEqual(['start scan'])
    await end('scan')
    await over
  })

  it('does not wait for tasks that are not in the list', async () => {
    const { events, end, over } = aRun([{ name: 'browser', needs: ['build'], after: ['unit'] }], 2)
    expect(events).toEqual(['start browser'])
    await end('browser')
    await over
  })

  it('refuses tasks that wait for each other', async () => {
    const circle = [
      { name: 'a', after: ['b'] },
      { name: 'b', after: ['a'] },
    ]
    await expect(aRun(circle, 2).over).rejects.toThrow('wait for each other: a,b')
  })
})
