import { TooManyAttempts } from '../accounts/errors'

/** Streams that one session may have open in this process: more than anybody has tabs */
export const mostStreams = 10
const retryAfterSeconds = 5
const open = new Map<string, number>()

/**
 * Takes a place for one stream of a session.
 * @returns gives the place back
 * @throws {TooManyAttempts} all places are taken
 */
export function takeStreamSlot(session: string): () => void {
  const count = open.get(session) ?? 0
  if (count >= mostStreams) throw new TooManyAttempts(retryAfterSeconds)
  open.set(session, count + 1)
  return () => {
    const left = (open.get(session) ?? 1) - 1
    if (left > 0) open.set(session, left)
    else open.delete(session)
  }
}
