/** A piece of work that may have to wait for others. */
export interface Task {
  name: string
  /** Names of tasks that must have gone well before; where one did not, this one is not run. */
  needs?: readonly string[]
  /** Names of tasks that must be over before, however they ended. */
  after?: readonly string[]
}

/**
 * Runs tasks side by side, at most `width` at a time. A free place goes to the first task of the
 * list that has to wait for nothing. Names of tasks that are not in the list hold nobody back.
 * @param run resolves with whether the task went well
 * @param skip is told about each task that is not run, with the name of the one that failed
 * @throws {Error} when tasks wait for each other
 */
export async function sideBySide<T extends Task>(
  tasks: readonly T[],
  width: number,
  run: (task: T) => Promise<boolean>,
  skip: (task: T, failed: string) => void,
): Promise<void> {
  const waiting = new Set(tasks)
  const running = new Map<T, Promise<void>>()
  const failed = new Set<string>()
  const isOpen = (name: string) => [...waiting, ...running.keys()].some(task => task.name === name)
  const isReady = ({ needs = [], after = [] }: T) => ![...needs, ...after].some(isOpen)

  const start = (task: T) => {
    waiting.delete(task)
    const failure = task.needs?.find(name => failed.has(name))
    if (failure !== undefined) {
      failed.add(task.name)
      skip(task, failure)
      return
    }
    const done = run(task).then(ok => {
      if (!ok) failed.add(task.name)
      running.delete(task)
    })
    running.set(task, done)
  }

  while (waiting.size > 0 || running.size > 0) {
    const next = running.size < width ? [...waiting].find(isReady) : undefined
    if (next) start(next)
    else if (running.size > 0) await Promise.race(running.values())
    else
      throw new Error(`Tasks wait for each other: ${[...waiting].map(({ name }) => name).join()}`)
  }
}
