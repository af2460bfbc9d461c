/** The simulator's time: the machine's, moved by what the control API says. */
export interface SimulatorClock {
  /** Milliseconds since the epoch */
  now(): number
  /** Moves time by so many milliseconds, forwards or backwards; adds up. */
  advance(ms: number): void
  offset(): number
}

export function createClock(): SimulatorClock {
  let offsetMs = 0
  return {
    now: () => Date.now() + offsetMs,
    advance(ms) {
      offsetMs += ms
    },
    offset: () => offsetMs,
  }
}

/** An instant as HubSpot writes it: whole seconds lose their `.000`. */
export function hubspotTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
