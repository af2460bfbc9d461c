/** A small, seeded generator: the same seed makes the same story. */
export function createStory(seed: number) {
  let state = seed >>> 0
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    random,
    below: (limit: number) => Math.floor(random() * limit),
    pick: <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)],
  }
}
