import { setResponseHeader, setResponseStatus, type H3Event } from 'h3'

/** Keeps proxies from closing a stream that has nothing to say (spec: every 15 s) */
const commentEveryMs = 15_000
/** How often a stream asks whether it may go on (spec: at most 30 s late) */
const recheckEveryMs = 20_000
/**
 * A reader that takes nothing while this much waits for it is gone, or may as well open the stream
 * again, bytes
 */
const mostWaitingBytes = 1024 * 1024

/** Checks in a row that find bytes of an earlier one still waiting: a minute or more */
const mostUnreadChecks = 3

export interface EventStreamOptions {
  /** Asked again and again while the stream is open; `false` ends it */
  mayContinue(): Promise<boolean>
  /** @returns ends the subscription */
  subscribe(send: (event: string, data: unknown) => void): Promise<() => void>
  /** Calls back when the process is told to stop; returns what takes the registration back */
  onDrain(callback: () => void): () => void
}

/**
 * Answers with server-sent events until the reader leaves, may no longer listen, or the process
 * stops. `Last-Event-ID` is harmless: the present state comes first whatever was seen before.
 */
export async function sendEventStream(
  event: H3Event,
  { mayContinue, subscribe, onDrain }: EventStreamOptions,
): Promise<void> {
  const { res } = event.node
  const waiting: string[] = []
  let open = false
  let over = false
  const write = (text: string) => {
    if (over) return
    if (!open) return void waiting.push(text)
    res.write(text)
    if (res.writableLength > mostWaitingBytes) cut()
  }
  const endings: (() => void)[] = []
  let finished: () => void = () => {}
  const closed = new Promise<void>(resolve => {
    finished = resolve
  })
  function end(): void {
    if (over) return
    over = true
    for (const ending of endings) ending()
    res.end()
    finished()
  }

  /** Ends what nobody reads: a polite end would wait for ever behind what is not taken. */
  function cut(): void {
    end()
    res.destroy()
  }

  // The first state is read before the headers leave: trouble with it is an ordinary error answer.
  let number = 0
  endings.push(
    await subscribe((name, data) =>
      write(`id: ${++number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`),
    ),
  )
  res.once('close', end)
  setResponseStatus(event, 200)
  setResponseHeader(event, 'Content-Type', 'text/event-stream; charset=utf-8')
  setResponseHeader(event, 'Cache-Control', 'no-store, no-transform')
  // Nginx would collect the stream before it hands it on.
  setResponseHeader(event, 'X-Accel-Buffering', 'no')
  event.node.req.socket.setNoDelay(true)
  event._handled = true
  res.flushHeaders()
  open = true
  for (const text of waiting.splice(0)) write(text)

  const comments = setInterval(() => write(': still here\n\n'), commentEveryMs)
  let unread = 0
  const checks = setInterval(() => {
    unread = res.writableLength > 0 ? unread + 1 : 0
    if (unread > mostUnreadChecks) return cut()
    // A database that is away decides nothing: the next check does.
    mayContinue().then(
      may => may || end(),
      () => {},
    )
  }, recheckEveryMs)
  endings.push(
    () => clearInterval(comments),
    () => clearInterval(checks),
    onDrain(end),
  )
  if (res.destroyed) end()
  await closed
}
