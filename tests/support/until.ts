import { setTimeout as wait } from 'node:timers/promises'

/**
 * Asks again and again until the answer counts as true.
 * @param what the condition in words, for the error
 * @returns that answer
 * @throws {Error} when it does not come within `timeoutMs`
 */
export async function until<T>(
  ask: () => Promise<T> | T,
  what: string,
  { timeoutMs = 120_000, intervalMs = 50 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer) return answer as Exclude<T, undefined | null | false>
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`)
    await wait(intervalMs)
  }
}
