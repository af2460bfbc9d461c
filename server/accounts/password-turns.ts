import { TooManyAttempts } from './errors'

/** Urgent derivations that wait in this process, and as many others; one more is refused at once */
const mostWaiting = 60
/** The same of one lane: an address cannot take all places */
const mostPerLane = 30
/** The same of one account */
const mostPerAccount = 10
/** What a refusal asks to wait: some rounds of derivations, s */
const retryAfterSeconds = 2

export interface Turn {
  /** Lanes take turns, so that a crowded one delays itself only: an address, or a browser */
  lane: string
  account?: string
  /** Served before all others: who is signed in, or comes from a browser that the account knows */
  isUrgent?: boolean
  /** Ends the waiting when the client has hung up */
  signal?: AbortSignal
}

interface Waiting extends Turn {
  start: () => void
}

/**
 * Lets a few password derivations run at a time and the others wait, lane by lane, in bounded
 * queues. So memory stays bounded, the thread pool stays free for the rest, and a flood from one
 * address delays nobody else.
 */
export function createTurns({ concurrent }: { concurrent: number }) {
  let running = 0
  let waiting: Waiting[] = []
  /** The lanes in the order in which they were served last */
  let served: string[] = []

  function next(): Waiting | undefined {
    const urgent = waiting.filter(turn => turn.isUrgent)
    const candidates = urgent.length > 0 ? urgent : waiting
    let found = candidates[0]
    for (const one of candidates)
      if (found && served.indexOf(one.lane) < served.indexOf(found.lane)) found = one
    return found
  }

  function startNext(): void {
    while (running < concurrent) {
      const turn = next()
      if (!turn) return
      waiting = waiting.filter(one => one !== turn)
      const isWaiting = new Set(waiting.map(one => one.lane))
      served = [...served.filter(lane => lane !== turn.lane && isWaiting.has(lane)), turn.lane]
      running++
      turn.start()
    }
  }

  function assertRoom({ lane, account, isUrgent = false }: Turn): void {
    const same = waiting.filter(one => (one.isUrgent ?? false) === isUrgent)
    const ofLane = same.filter(one => one.lane === lane)
    const ofAccount = same.filter(one => account !== undefined && one.account === account)
    if (
      same.length >= mostWaiting ||
      ofLane.length >= mostPerLane ||
      ofAccount.length >= mostPerAccount
    )
      throw new TooManyAttempts(retryAfterSeconds)
  }

  async function wait(turn: Turn): Promise<void> {
    const { signal } = turn
    await new Promise<void>((resolve, reject) => {
      const entry: Waiting = {
        ...turn,
        start() {
          signal?.removeEventListener('abort', giveUp)
          resolve()
        },
      }
      function giveUp() {
        waiting = waiting.filter(one => one !== entry)
        reject(new TooManyAttempts(retryAfterSeconds))
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      waiting.push(entry)
      startNext()
    })
  }

  return {
    /**
     * Runs the work when its turn comes.
     * @throws {TooManyAttempts} no place is left to wait in, or the client has hung up
     */
    async take<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
      if (running >= concurrent) assertRoom(turn)
      if (turn.signal?.aborted) throw new TooManyAttempts(retryAfterSeconds)
      await wait(turn)
      try {
        return await work()
      } finally {
        running--
        startNext()
      }
    },
    get waiting() {
      return waiting.length
    },
  }
}
