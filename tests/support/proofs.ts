import process from 'node:process'

/**
 * Whether this run has the long proofs whole: `npm run test:soak -- proofs`. In `npm test` each has
 * a short form, which covers every kind of what it proves.
 */
export const isWhole = process.env.TEST_PROOFS === 'whole'

/** @returns what the short form uses, or the long one in a run that has the proofs whole */
export const shortOrWhole = <T>(short: T, whole: T): T => (isWhole ? whole : short)

/**
 * The share of `items` that falls to one place, where the short form offers each place one in
 * `step`: spread evenly over the items, others at the next place, each item at every `step`th
 * place. All of them where the proofs run whole.
 * @param place counts the places, from 0
 */
export function shareOf<T>(items: readonly T[], place: number, step: number): readonly T[] {
  return isWhole ? items : items.filter((_, index) => (index + place) % step === 0)
}
