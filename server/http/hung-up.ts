import type { H3Event } from 'h3'

/** @returns a signal that tells when the client has gone before it got its answer */
export function hungUp({ node: { res } }: H3Event): AbortSignal {
  const controller = new AbortController()
  if (res.destroyed) controller.abort()
  else
    res.once('close', () => {
      if (!res.writableFinished) controller.abort()
    })
  return controller.signal
}
