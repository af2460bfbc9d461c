import { AsyncLocalStorage } from 'node:async_hooks'

type Choose = (ready: readonly string[]) => string

interface Worker {
  name: string
  /** Where it stands, and what lets it go on; `null` while it works */
  held: { isOver(): boolean; open(): void } | null
  isOver: boolean
}

/**
 * Lets several pieces of work go on one at a time, each from one hold point to the next, in an order
 * that the test chooses. What nobody of them does passes every hold point at once.
 * @param isFine whether hold points are many: then each work is held before it begins, and a pause is
 *   over once somebody else has gone on by a step. Otherwise each begins once
 *   the one before it is held, and a pause is over once somebody else has ended. It is over in any case when nobody else can go on.
 */
export function createTurns(isFine: boolean) {
  const current = new AsyncLocalStorage<Worker>()
  let changed: () => void = () => {}
  /** Steps that were taken, or works that ended */
  let progress = 0

  async function hold(isOver: () => boolean): Promise<void> {
    const worker = current.getStore()
    if (!worker) return
    await new Promise<void>(open => {
      worker.held = { isOver, open }
      changed()
    })
  }
  const point = () => hold(() => true)

  return {
    /** A hold point */
    point,
    /** Some time passes */
    pause: () => {
      const since = progress
      return hold(() => progress > since)
    },

    /** Plays the works to their ends. @throws what one of them throws */
    async play(works: Record<string, () => Promise<void>>, choose: Choose): Promise<void> {
      const failures: unknown[] = []
      const workers: Worker[] = []
      const isHeld = async () => {
        while (workers.some(worker => !worker.isOver && worker.held === null))
          await new Promise<void>(resolve => (changed = resolve))
      }
      for (const [name, work] of Object.entries(works)) {
        const worker: Worker = { name, held: null, isOver: false }
        workers.push(worker)
        void current.run(worker, async () => {
          try {
            if (isFine) await point()
            await work()
          } catch (error) {
            failures.push(error)
          }
          worker.isOver = true
          if (!isFine) progress++
          changed()
        })
        await isHeld()
      }
      for (;;) {
        await isHeld()
        const left = workers.filter(worker => !worker.isOver)
        if (left.length === 0) break
        const ready = left.filter(({ held }) => held?.isOver())
        const names = (ready.length > 0 ? ready : left).map(worker => worker.name)
        const name = choose(names)
        const chosen = left.find(worker => worker.name === name)
        const held = chosen?.held
        if (!chosen || !held) throw new Error('Chosen was somebody who does not wait')
        chosen.held = null
        if (isFine) progress++
        held.open()
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
export type Turns = ReturnType<typeof createTurns>

/**
 * Plays a story again and again, once in each order of its steps.
 * @param most how often an order may leave somebody who could go on; all orders unless told
 * @param story has to go the same way whenever it is played in the same order
 * @returns how many orders there were
 */
export async function inAllOrders(
  story: (choose: Choose, order: readonly string[]) => Promise<void>,
  most = Infinity,
): Promise<number> {
  interface Fork {
    options: string[]
    taken: number
    /** Whether the first option goes on with whoever went before */
    goesOn: boolean
    /** Who was left before, though ready */
    left: number
  }
  const way: Fork[] = []
  let count = 0
  do {
    let depth = 0
    let left = 0
    let last: string | undefined
    const order: string[] = []
    const choose: Choose = ready => {
      const goesOn = last !== undefined && ready.includes(last)
      const options = goesOn ? [String(last), ...ready.filter(name => name !== last)] : [...ready]
      const fork = (way[depth] ??= { options, taken: 0, goesOn, left })
      if (fork.options.join() !== options.join())
        throw new Error(`Went another way than before: ${fork.options.join()}, ${options.join()}`)
      if (goesOn && fork.taken > 0) left++
      depth++
      last = fork.options[fork.taken]
      order.push(String(last))
      return String(last)
    }
    await story(choose, order)
    count++
    for (;;) {
      const fork = way.at(-1)
      if (!fork) break
      fork.taken++
      const isLeft = fork.goesOn && fork.taken > 0
      if (fork.taken < fork.options.length && fork.left + (isLeft ? 1 : 0) <= most) break
      way.pop()
    }
  } while (way.length > 0)
  return count
}
