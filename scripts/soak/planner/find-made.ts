import { core, type ObjectType } from './core'
import type { HubspotObject } from './hubspot'
import { release } from './outbox'
import { meaning } from './rules'
import { nowOf, type AnyWrite, type World } from './world'

const indexLagMs = 60_000

/** What a create made whose answer was lost. */
export function findMade(
  world: World,
  type: ObjectType,
  write: AnyWrite,
  taken: ReadonlySet<string>,
): HubspotObject | 'not_made' | 'unknown' {
  const { hubspot, store } = world
  const { create_intent: intent, _id } = write.record
  if (!intent) return 'not_made'
  const [contactId] = intent.contacts ?? []
  const sent = core.sentOf(write)
  const likeness = ({ properties }: HubspotObject) =>
    Object.entries(sent).filter(([name, value]) => properties[name] === value).length
  const choose = (candidates: HubspotObject[]) =>
    candidates
      .filter(
        object =>
          !taken.has(object.id) && core.isMadeBy(type, write, hubspot.read(object, world.now)),
      )
      .sort((one, other) => likeness(other) - likeness(one) || one.createdAt - other.createdAt)
      .find(({ id }) => {
        const owner = store.of(type, id)
        return !owner || owner.created_at >= intent.at
      })
  const isSettled = () => {
    const unclear = intent.unclear_at ?? nowOf(world)
    const record = store.byId(_id)
    if (!intent.unclear_at && record?.create_intent?.id === intent.id)
      store.put({ ...record, create_intent: { ...record.create_intent, unclear_at: unclear } })
    const known = unclear.getTime() + indexLagMs
    if (world.now >= known) return true
    release(world, _id, known)
    return false
  }
  const contact = contactId === undefined ? undefined : hubspot.find('contacts', contactId)
  if (type === 'deals' && contact && hubspot.isLive(contact)) {
    const found = choose(hubspot.living('deals').filter(deal => deal.contacts.includes(contact.id)))
    return found ?? (isSettled() ? 'not_made' : 'unknown')
  }
  // A search compares values, not texts.
  const is = (name: string, one: string | null | undefined, other: string) => {
    const rule = world.settings.rules[type].find(({ property }) => property === name)
    return rule ? meaning(rule.kind, one) === meaning(rule.kind, other) : one === other
  }
  const signs = Object.entries(core.signsOf(type, write))
  const searched = hubspot
    .living(type)
    .filter(({ properties }) => signs.every(([name, text]) => is(name, properties[name], text)))
  return isSettled() ? (choose(searched) ?? 'not_made') : 'unknown'
}
