/** Who changed records by hand, by e-mail address: how many, and when last */
export type Hands = Map<string, { count: number; at: Date }>

const maxPeople = 3

/** Counts one record that somebody changed. */
export function addHand(hands: Hands, { email, at }: { email: string; at: Date }): void {
  const before = hands.get(email)
  hands.set(email, {
    count: (before?.count ?? 0) + 1,
    at: before && before.at > at ? before.at : at,
  })
}

/**
 * @param zone the account's time zone, by its IANA name
 * @returns a sentence that names the busiest, or `null` when there is nobody
 */
export function byHandSentence(hands: Hands, zone: string): string | null {
  const all = [...hands].sort(([, one], [, other]) => other.count - one.count)
  if (all.length === 0) return null
  const day = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: zone,
  })
  const said = all
    .slice(0, maxPeople)
    .map(([email, { count, at }]) => `${count} by ${email}, last on ${day.format(at)}`)
  const rest = all.length - maxPeople
  const others = rest > 0 ? `; and by ${rest} other ${rest === 1 ? 'person' : 'people'}` : ''
  return `Changed here by hand: ${said.join('; ')}${others}.`
}
