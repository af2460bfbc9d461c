/** The simulator's time: the machine's, moved by what the control API says. */
export interface SimulatorClock {
  /** Milliseconds since the epoch */
  now(): number
  /**
   * Moves time by so many milliseconds, forwards or backwards; adds up.
   * @throws {RangeError} where that leads to no time
   */
  advance(ms: number): void
  offset(): number
}

export function createClock(): SimulatorClock {
  let offsetMs = 0
  return {
    now: () => Date.now() + offsetMs,
    advance(ms) {
      if (!isTime(Date.now() + offsetMs + ms)) throw new RangeError(`Time cannot move by ${ms} ms`)
      offsetMs += ms
    },
    offset: () => offsetMs,
  }
}

/** Whether so many milliseconds since the epoch are an instant that can be written down. */
export const isTime = (ms: number): boolean => !Number.isNaN(new Date(ms).getTime())

/** An instant as HubSpot writes it: whole seconds lose their `.000`. */
export function hubspotTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
