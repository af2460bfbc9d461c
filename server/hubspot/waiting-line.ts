import type { RequestPriority } from './crm-types'

/** Who goes first. */
const order: RequestPriority[] = ['interactive', 'normal', 'backfill']
/** Grants asked for at once at most: a long line must not leave all at the same instant */
const maxAsk = 20
const minWaitMs = 2

export interface WaitingLineDeps {
  /** Asks for up to `count` grants; `waitMs` is how long to wait when fewer came */
  ask(priority: RequestPriority, count: number): Promise<{ granted: number; waitMs: number }>
  /** Called when nobody waits any more */
  onIdle(): void
}

export interface JoinOptions {
  maxWaitMs: number
  signal?: AbortSignal
  /** Makes the error of a caller whose time is up */
  timeout(waitMs: number): Error
}

interface Waiter {
  deadline: number
  grant(): void
  giveUp(error: Error): void
  timeout(waitMs: number): Error
}

/**
 * The callers of one process that wait for one budget, by priority and arrival. One request asks
 * for all of them, so that a hundred callers do not compete for each grant in the database.
 */
export function createWaitingLine({ ask, onIdle }: WaitingLineDeps) {
  const waiters: Record<RequestPriority, Waiter[]> = { interactive: [], normal: [], backfill: [] }
  let pumping = false
  let wake: (() => void) | undefined

  const first = () => order.find(priority => waiters[priority].length > 0)

  async function sleep(ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, Math.max(minWaitMs, ms))
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    wake = undefined
  }

  async function pump(): Promise<void> {
    if (pumping) return
    pumping = true
    try {
      for (let priority = first(); priority !== undefined; priority = first()) {
        const line = waiters[priority]
        const { granted, waitMs } = await ask(priority, Math.min(line.length, maxAsk))
        for (let i = 0; i < granted; i++) {
          // A caller may have given up in the meantime: the grant goes to the next one, or is lost.
          const next = order.map(name => waiters[name]).find(others => others.length > 0)
          next?.shift()?.grant()
        }
        if (granted > 0) continue
        const now = performance.now()
        // Lower priorities have to wait as long as this one. A higher one that arrived in the
        // meantime may find room, so it is asked for now.
        const concerned = order.slice(order.indexOf(priority))
        for (const name of concerned) {
          for (const waiter of [...waiters[name]])
            if (now + waitMs > waiter.deadline) waiter.giveUp(waiter.timeout(waitMs))
        }
        const next = first()
        if (next !== undefined && concerned.includes(next)) await sleep(waitMs)
      }
    } catch (error) {
      for (const name of order)
        for (const waiter of [...waiters[name]])
          waiter.giveUp(error instanceof Error ? error : new Error(String(error)))
    } finally {
      pumping = false
      onIdle()
    }
  }

  return {
    /** Waits for one grant. */
    join(priority: RequestPriority, { maxWaitMs, signal, timeout }: JoinOptions): Promise<void> {
      return new Promise<void>((resolve, reject) => {
        const line = waiters[priority]
        const leave = () => {
          const place = line.indexOf(waiter)
          if (place !== -1) line.splice(place, 1)
          signal?.removeEventListener('abort', onAbort)
        }
        const onAbort = () =>
          waiter.giveUp(signal?.reason instanceof Error ? signal.reason : new Error('Aborted'))
        const waiter: Waiter = {
          deadline: performance.now() + maxWaitMs,
          timeout,
          grant() {
            leave()
            resolve()
          },
          giveUp(error) {
            leave()
            reject(error)
          },
        }
        line.push(waiter)
        signal?.addEventListener('abort', onAbort, { once: true })
        // The first in the line may go before the one that the pump is waiting for.
        if (first() === priority && line.length === 1) wake?.()
        void pump()
      })
    },
  }
}
export type WaitingLine = ReturnType<typeof createWaitingLine>
