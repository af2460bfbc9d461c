export type CallKind = 'general' | 'search' | 'token' | 'introspect' | 'revoke' | 'page'

/** A request the simulator saw. The path holds neither query nor secret. */
export interface Call {
  seq: number
  /** Milliseconds since the epoch, by the machine's clock */
  at: number
  method: string
  path: string
  kind: CallKind
  /** 0 when the connection was cut or is still open without an answer */
  status: number
  portalId: number | null
  ms: number
  /** What was injected, if anything */
  fault?: string
}

export interface CallStats {
  total: number
  byKind: Partial<Record<CallKind, number>>
  byStatus: Record<string, number>
  /** Requests of one portal in the busiest ten seconds, searches left out; refused ones included */
  maxInTenSeconds: Record<string, number>
  /** Searches of one portal in the busiest second; refused ones included */
  maxSearchesInOneSecond: Record<string, number>
  /** Calls of the token endpoint by grant type */
  tokenCalls: Record<string, number>
}

export interface CallLog {
  begin(method: string, path: string): PendingCall
  list(filter: { since?: number; kind?: string; path?: string; limit?: number }): Call[]
  stats(): CallStats
  clear(): void
}

/** What becomes known of a call while it is served. */
export interface PendingCall {
  kind: CallKind
  portalId: number | null
  grantType?: string
  fault?: string
  /** Arrival, by `performance.now()` */
  startedAt: number
  end(status: number): void
}

const keptCalls = 50_000

export function createCallLog(): CallLog {
  let seq = 0
  let calls: Call[] = []
  let byKind: CallStats['byKind'] = {}
  let byStatus: CallStats['byStatus'] = {}
  let tokenCalls: CallStats['tokenCalls'] = {}
  let arrivals = { general: new Map<string, number[]>(), search: new Map<string, number[]>() }

  return {
    begin(method, path) {
      const at = Date.now()
      const pending: PendingCall = {
        kind: 'page',
        portalId: null,
        startedAt: performance.now(),
        end(status) {
          const { kind, portalId, grantType, fault, startedAt } = pending
          calls.push({
            seq: ++seq,
            at,
            method,
            path,
            kind,
            status,
            portalId,
            ms: Math.round(performance.now() - startedAt),
            ...(fault ? { fault } : {}),
          })
          if (calls.length > 2 * keptCalls) calls = calls.slice(-keptCalls)
          byKind[kind] = (byKind[kind] ?? 0) + 1
          byStatus[status] = (byStatus[status] ?? 0) + 1
          if (grantType) tokenCalls[grantType] = (tokenCalls[grantType] ?? 0) + 1
          if (portalId === null || (kind !== 'general' && kind !== 'search')) return
          const times = arrivals[kind].get(String(portalId))
          if (times) times.push(startedAt)
          else arrivals[kind].set(String(portalId), [startedAt])
        },
      }
      return pending
    },
    list({ since = 0, kind, path, limit = 1_000 }) {
      return calls
        .filter(
          call =>
            call.seq > since &&
            (!kind || call.kind === kind) &&
            (!path || call.path.includes(path)),
        )
        .slice(-limit)
    },
    stats: () => ({
      total: seq,
      byKind,
      byStatus,
      maxInTenSeconds: busiest(arrivals.general, 10_000),
      maxSearchesInOneSecond: busiest(arrivals.search, 1_000),
      tokenCalls,
    }),
    clear() {
      calls = []
      seq = 0
      byKind = {}
      byStatus = {}
      tokenCalls = {}
      arrivals = { general: new Map(), search: new Map() }
    },
  }
}

/** Most arrivals in any stretch of so many milliseconds, per portal. */
function busiest(arrivals: Map<string, number[]>, lengthMs: number): Record<string, number> {
  const result: Record<string, number> = {}
  for (const [portalId, unordered] of arrivals) {
    const times = unordered.toSorted((a, b) => a - b)
    let most = 0
    let from = 0
    for (let to = 0; to < times.length; to++) {
      while ((times[to] ?? 0) - (times[from] ?? 0) >= lengthMs) from += 1
      most = Math.max(most, to - from + 1)
    }
    result[portalId] = most
  }
  return result
}
