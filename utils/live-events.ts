import { canShare, openShared, type LiveSource } from './shared-events'

/** What a stream needs from the browser: given in, so that a test can turn it. */
export interface LiveEnvironment {
  open: (url: string) => LiveSource
  setTimeout: (run: () => void, ms: number) => ReturnType<typeof setTimeout>
  random: () => number
}

export interface LiveOptions {
  url: string
  on: Record<string, (data: unknown) => void>
  /** Asks once for the present state, while the stream does not come through */
  poll: () => Promise<void>
  /** Whose stream it is: all tabs of one person share one; absent: this tab has its own */
  owner?: () => string | undefined
  changed?: (state: 'live' | 'polling') => void
  environment?: LiveEnvironment
}

const firstRetryMs = 1000
const lastRetryMs = 30_000
const pollEveryMs = 4000
/**
 * The server sends at least a comment every 15 s, but comments are not seen here: only a failed
 * stream counts as lost.
 */
const failuresBeforePolling = 2

const browser: LiveEnvironment = {
  open: url => new EventSource(url, { withCredentials: true }),
  setTimeout: (run, ms) => setTimeout(run, ms),
  random: Math.random,
}

/**
 * Server-sent events that come back by themselves: exponential back-off with jitter instead of the
 * browser's fixed delay, and polling beside it after the second failure in a row (proxies that
 * buffer, servers that are full).
 */
export function createEventSourceClient(options: LiveOptions) {
  const environment = options.environment ?? browser
  let source: LiveSource | null = null
  let failures = 0
  let stopped = true
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let pollTimer: ReturnType<typeof setTimeout> | undefined

  function polling(): void {
    if (pollTimer !== undefined || stopped) return
    options.changed?.('polling')
    const tick = async () => {
      await options.poll().catch(() => undefined)
      if (!stopped && pollTimer !== undefined)
        pollTimer = environment.setTimeout(() => void tick(), pollEveryMs)
    }
    pollTimer = environment.setTimeout(() => void tick(), 0)
  }

  function live(): void {
    failures = 0
    if (pollTimer !== undefined) clearTimeout(pollTimer)
    pollTimer = undefined
    options.changed?.('live')
  }

  function open(): void {
    if (stopped) return
    const owner = options.environment ? undefined : options.owner?.()
    const opened =
      owner !== undefined && canShare()
        ? openShared(options.url, owner, Object.keys(options.on))
        : environment.open(options.url)
    source = opened
    opened.addEventListener('open', live)
    for (const [name, handle] of Object.entries(options.on)) {
      opened.addEventListener(name, event => {
        let data: unknown
        try {
          data = JSON.parse(String(event.data))
        } catch {
          return
        }
        handle(data)
      })
    }
    opened.addEventListener('error', () => {
      opened.close()
      if (stopped || source !== opened) return
      failures++
      if (failures >= failuresBeforePolling) polling()
      const wait = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 6))
      retryTimer = environment.setTimeout(open, wait * (0.5 + environment.random() / 2))
    })
  }

  return {
    start(): void {
      if (!stopped) return
      stopped = false
      failures = 0
      open()
    },
    stop(): void {
      stopped = true
      source?.close()
      source = null
      clearTimeout(retryTimer)
      clearTimeout(pollTimer)
      pollTimer = undefined
    },
  }
}
