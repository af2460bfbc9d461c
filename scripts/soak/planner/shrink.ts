import { play, type Step } from './play'

/** Drops steps as long as the history still comes out wrong in the same way. */
export function shrink(seed: number, steps: readonly Step[], wrong: string): Step[] {
  let kept = [...steps]
  for (let isShorter = true; isShorter;) {
    isShorter = false
    for (let index = kept.length - 1; index >= 0; index--) {
      const fewer = kept.filter((_, at) => at !== index)
      const found = play(seed, fewer).wrong
      if (found === null || kindOf(found) !== kindOf(wrong)) continue
      kept = fewer
      isShorter = true
    }
  }
  return kept
}

/** What went wrong, without the values and names of this one history. */
function kindOf(wrong: string): string {
  return wrong
    .replace(/\{.*/s, '')
    .replace(/\b[0-9a-f]{4}\b/g, '#')
    .replace(/\d+/g, '#')
}

/** @returns the story of a history, shortened, with how it is set up and what went wrong */
export function tellStory(seed: number, steps: readonly Step[], wrong: string): string {
  const story: string[] = []
  const { wrong: told, world } = play(seed, shrink(seed, steps, wrong), story)
  const rules = Object.entries(world.settings.rules).flatMap(([type, all]) =>
    all.map(rule => `${type} ${rule.field}: ${rule.direction}, ${rule.policy}`),
  )
  return [...rules, ...story, `✘ ${told ?? wrong}`].map(line => `  ${line}`).join('\n')
}
