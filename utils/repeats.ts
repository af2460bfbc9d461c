import { toProblem } from './problem'

/** How long to wait before a request is sent again, ms */
const pausesMs = [500, 2000, 5000]

/** A record that is being made: what is sent for it carries the same key until it is changed. */
export interface DraftKey {
  /** @returns the key to send with these values */
  keyOf(values: object): string
}

export function createDraftKey(random: () => string = randomKey): DraftKey {
  let sent: { values: string; key: string } | null = null
  return {
    keyOf(values) {
      const text = JSON.stringify(values)
      if (sent?.values !== text) sent = { values: text, key: random() }
      return sent.key
    },
  }
}

/**
 * Sends what does no harm twice, and again where no answer came or the server asks to wait.
 * @throws what `send` throws last
 */
export async function sendAgain<T>(
  send: () => Promise<T>,
  wait: (ms: number) => Promise<void> = ms => new Promise(resolve => setTimeout(resolve, ms)),
): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await send()
    } catch (error) {
      const { status } = toProblem(error)
      if (status !== null && status !== 0 && ![502, 503, 504].includes(status)) throw error
      await wait(pauseMs)
    }
  }
  return await send()
}

/** `randomUUID` is missing on pages without https. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
