/** Something that goes wrong on purpose. */
export interface Fault {
  /** Part of the path, or `/…/` for a regular expression; left out: every API and token call */
  path?: string
  method?: string
  portalId?: number
  /** How many calls it hits; left out: one. `null`: all of them until it is removed */
  times?: number | null
  /** Lets so many matching calls pass first */
  skip?: number
  /** Hits only this share of the matching calls, 0–100 */
  percent?: number
  action:
    /** Answers without doing the work */
    | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
    /** Does the work, answers late */
    | { kind: 'delay'; ms: number }
    /** Never answers; with `afterWork` the work was done */
    | { kind: 'hang'; afterWork?: boolean }
    /** Cuts the connection; with `afterWork` the work was done and only the reply is lost */
    | { kind: 'reset'; afterWork?: boolean }
    /** Does the work, announces the whole body and cuts the connection in the middle of it */
    | { kind: 'truncate' }
    /** A proxy's HTML instead of the answer; the work is not done */
    | { kind: 'html'; status?: number }
    /** Does the work, answers with broken JSON */
    | { kind: 'malformed' }
}

export interface Faults {
  add(fault: Fault): number
  remove(id: number): void
  clear(): void
  list(): (Fault & { id: number; hits: number })[]
  /** The fault that hits this call, which counts as a hit. */
  take(call: {
    method: string
    path: string
    portalId: number | null
    isPage: boolean
  }): Fault | undefined
}

export function createFaults(random: () => number): Faults {
  let lastId = 0
  const active = new Map<
    number,
    { fault: Fault; matcher: (path: string) => boolean; skipped: number; hits: number }
  >()

  return {
    add(fault) {
      active.set(++lastId, { fault, matcher: pathMatcher(fault.path), skipped: 0, hits: 0 })
      return lastId
    },
    remove: id => void active.delete(id),
    clear: () => active.clear(),
    list: () => [...active].map(([id, { fault, hits }]) => ({ ...fault, id, hits })),
    take({ method, path, portalId, isPage }) {
      for (const entry of active.values()) {
        const { fault } = entry
        const { times = 1, skip = 0, percent = 100 } = fault
        if (times !== null && entry.hits >= times) continue
        if (fault.method && fault.method !== method) continue
        if (fault.portalId !== undefined && fault.portalId !== portalId) continue
        if (!entry.matcher(path) || (isPage && fault.path === undefined)) continue
        if (entry.skipped < skip) {
          entry.skipped += 1
          continue
        }
        if (percent < 100 && random() * 100 >= percent) continue
        entry.hits += 1
        return fault
      }
      return undefined
    },
  }
}

function pathMatcher(pattern: string | undefined): (path: string) => boolean {
  if (pattern === undefined) return () => true
  const expression = /^\/(.+)\/$/.exec(pattern)
  // A pattern with nothing special in it is part of a path, slashes at both ends or not.
  if (expression?.[1] && /[\\^$.*+?()[\]{}|]/.test(expression[1])) {
    const regular = new RegExp(expression[1])
    return path => regular.test(path)
  }
  return path => path.includes(pattern)
}
