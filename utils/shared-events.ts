/** What the live client needs of an `EventSource`. */
export interface LiveSource {
  addEventListener(name: string, handle: (event: { data?: unknown }) => void): void
  close(): void
}

/** What sharing needs from the browser: given in, so that a test can turn it. */
export interface ShareEnvironment {
  open: (url: string) => LiveSource
  channel: (name: string) => Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>
  /** Runs `work` once no other tab holds the lock, which is held until its promise ends */
  lock: (name: string, signal: AbortSignal, work: () => Promise<void>) => Promise<void>
  setInterval: (run: () => void, ms: number) => ReturnType<typeof setInterval>
}

type Message =
  { kind: 'hello' | 'open' | 'error' | 'alive' } | { kind: 'event'; name: string; data: unknown }

const aliveEveryMs = 15_000
/** A tab that the browser has put to sleep says nothing: the others then help themselves. */
const silentRoundsBeforeError = 3

const plain = (url: string): LiveSource => new EventSource(url, { withCredentials: true })
const browser: ShareEnvironment = {
  open: plain,
  channel: name => new BroadcastChannel(name),
  lock: async (name, signal, work) => {
    await navigator.locks.request(name, { signal }, work)
  },
  setInterval: (run, ms) => setInterval(run, ms),
}

/**
 * One event stream for all tabs of one person: a browser opens six connections to an HTTP/1.1 server
 * at most, and each stream takes one for good. The tab that holds a lock has the stream and passes
 * on what it hears; when it goes, another one gets the lock. Behaves like an `EventSource`.
 * @param url of the stream
 * @param owner whose stream it is: tabs of somebody else have their own
 * @param names of the events that are passed on
 */
export function openShared(
  url: string,
  owner: string,
  names: readonly string[],
  environment: ShareEnvironment = browser,
): LiveSource {
  const name = `live:${owner}:${url}`
  const handlers = new Map<string, ((event: { data?: unknown }) => void)[]>()
  const channel = environment.channel(name)
  const waiting = new AbortController()
  /** The latest event of each name: what a tab that comes later begins with */
  const latest = new Map<string, unknown>()
  let source: LiveSource | null = null
  let isOpen = false
  let silentRounds = 0
  let isClosed = false
  let giveBack: () => void = () => {}

  const tell = (kind: string, data?: unknown) => {
    for (const handle of handlers.get(kind) ?? []) handle({ data })
  }
  const post = (message: Message) => channel.postMessage(message)

  channel.onmessage = ({ data: message }: MessageEvent<Message>) => {
    if (isClosed) return
    if (message.kind === 'hello') {
      if (!source || !isOpen) return
      post({ kind: 'open' })
      for (const [event, data] of latest) post({ kind: 'event', name: event, data })
      return
    }
    if (source) return
    silentRounds = 0
    if (message.kind === 'event') tell(message.name, message.data)
    else if (message.kind !== 'alive') tell(message.kind)
  }

  function lead(): Promise<void> {
    if (isClosed) return Promise.resolve()
    const opened = environment.open(url)
    source = opened
    opened.addEventListener('open', () => {
      isOpen = true
      post({ kind: 'open' })
      tell('open')
    })
    for (const event of names)
      opened.addEventListener(event, ({ data }) => {
        latest.set(event, data)
        post({ kind: 'event', name: event, data })
        tell(event, data)
      })
    opened.addEventListener('error', () => {
      if (isClosed) return
      post({ kind: 'error' })
      tell('error')
    })
    return new Promise(resolve => (giveBack = resolve))
  }

  // Given up while it waits: that is what closing does.
  environment.lock(name, waiting.signal, lead).catch(() => {})
  post({ kind: 'hello' })
  const rounds = environment.setInterval(() => {
    if (source) return isOpen ? post({ kind: 'alive' }) : undefined
    silentRounds += 1
    if (silentRounds >= silentRoundsBeforeError) tell('error')
  }, aliveEveryMs)

  return {
    addEventListener: (event, handle) =>
      void handlers.set(event, [...(handlers.get(event) ?? []), handle]),
    close() {
      isClosed = true
      clearInterval(rounds)
      source?.close()
      waiting.abort()
      giveBack()
      channel.close()
    },
  }
}

/** Whether this browser can share: otherwise each tab has a stream of its own. */
export const canShare = (): boolean =>
  typeof BroadcastChannel === 'function' && typeof navigator !== 'undefined' && 'locks' in navigator
