import type { FieldRule } from './core'
import { Violation } from './fields'
import type { HubspotObject } from './hubspot'
import { choices } from './rules'
import type { AnyRecord, Id } from './store'
import { nameOf, type World } from './world'

/**
 * Several choices in one field are a set: each side's word on each choice is followed by itself. A
 * choice that one side alone spoke of, or spoke of after it had heard the other, stands as it said.
 */

/** The last word on each choice: by record here, by object in HubSpot */
export interface ChoiceWords {
  here: Map<string, boolean>
  there: Map<string, boolean>
  /** Records that HubSpot changed before a write of ours was answered: what we sent is not told apart */
  unclear: Set<string>
}

export function newChoiceWords(): ChoiceWords {
  return { here: new Map(), there: new Map(), unclear: new Set() }
}

type Texts = Record<string, string | null | undefined>

const wordKey = (id: string, choice: string) => `${id}:${choice}`
const chosenOf = (text: string | null | undefined) => new Set((text ?? '').split(';'))
const ours = (record: AnyRecord | null, { field }: FieldRule) =>
  chosenOf((record?.values as Texts | undefined)?.[field])
const theirs = (properties: Texts | null | undefined, { property }: FieldRule) =>
  chosenOf(properties?.[property])

/** Somebody here chose something, or took it back. @param before `null`: the record is new */
export function choseHere(world: World, before: AnyRecord | null, after: AnyRecord): void {
  const { words, settings, hubspot, pages } = world
  const rule = settings.choices
  if (!rule || !words || 'lead_ids' in after) return
  const [was, is] = [ours(before, rule), ours(after, rule)]
  const object = after.hubspot_id ? hubspot.exact('contacts', after.hubspot_id) : undefined
  for (const choice of choices) {
    if (was.has(choice) === is.has(choice)) continue
    words.here.set(wordKey(after._id.toHexString(), choice), is.has(choice))
    // HubSpot's word had arrived: ours is the last one.
    const isHeard =
      pages.length === 0 &&
      object !== undefined &&
      [theirs(object.properties, rule), theirs(after.remote, rule)].every(
        set => set.has(choice) === was.has(choice),
      )
    if (isHeard) words.there.delete(wordKey(object.id, choice))
  }
}

/** Somebody chose something in HubSpot, or took it back. @param before the text until then */
export function choseThere(
  { words, settings, store }: World,
  object: HubspotObject,
  before: string | null | undefined,
): void {
  const rule = settings.choices
  if (!rule || !words || object.type === 'deals') return
  const [was, is] = [chosenOf(before), theirs(object.properties, rule)]
  const record = store.leadOf(object.id)
  if (record?.sending?.sent[rule.property] !== undefined) words.unclear.add(nameOf(record._id))
  for (const choice of choices) {
    if (was.has(choice) === is.has(choice)) continue
    words.there.set(wordKey(object.id, choice), is.has(choice))
    const isHeard =
      record !== undefined &&
      [ours(record, rule), theirs(record.remote, rule)].every(
        set => set.has(choice) === was.has(choice),
      )
    if (isHeard) words.here.delete(wordKey(record._id.toHexString(), choice))
  }
}

/** HubSpot is about to take a set of ours. @param lookedAt when the object was looked at before */
export function writeChoices(
  { words, settings, areTiesMoved }: World,
  object: HubspotObject,
  { properties, id, lookedAt }: { properties: Texts; id: Id; lookedAt: number },
): void {
  const rule = settings.choices
  if (!rule || !words || properties[rule.property] === undefined) return
  const [was, sent] = [theirs(object.properties, rule), theirs(properties, rule)]
  const index = settings.rules.contacts.indexOf(rule)
  if (areTiesMoved || words.unclear.has(nameOf(id))) return
  const isRaced = Math.max(object.setAt[index] ?? 0, object.mergedAt) >= lookedAt
  for (const choice of choices) {
    if (was.has(choice) === sent.has(choice)) continue
    const [here, there] = [wordKey(id.toHexString(), choice), wordKey(object.id, choice)]
    if (isRaced) {
      words.here.delete(here)
      words.there.delete(there)
    } else if (!words.here.has(here) && words.there.has(there))
      throw new Violation(`interests: a write undid what HubSpot alone said of ${choice}`)
  }
}

/** What was said of a copy is said of the record that took it over. */
export function moveChoices({ words, store }: World, from: Id, to: Id): void {
  if (!words) return
  for (const choice of choices) {
    const [old, key] = [wordKey(from.toHexString(), choice), wordKey(to.toHexString(), choice)]
    const [copied, own] = [words.here.get(old), words.here.get(key)]
    words.here.delete(old)
    if (copied === undefined) continue
    if (own === undefined || own === copied) words.here.set(key, copied)
    else {
      // Said twice of what turns out to be one: nobody can tell what was meant.
      words.here.delete(key)
      words.there.delete(wordKey(store.byId(from)?.hubspot_id ?? '', choice))
    }
  }
}

/** Both sides have the same choices, and each as it was said last. */
export function checkChoices(
  { words, settings, areTiesMoved }: World,
  record: AnyRecord,
  object: HubspotObject,
): void {
  const rule = settings.choices
  if (!rule || 'lead_ids' in record) return
  const [here, there] = [ours(record, rule), theirs(object.properties, rule)]
  for (const choice of choices) {
    const detail = `${nameOf(record._id)} has ${[...here].join()} here, ${[...there].join()} there`
    if (here.has(choice) !== there.has(choice))
      throw new Violation(`interests: the sides differ: ${detail}`)
    // What was merged or archived went its own way.
    if (areTiesMoved || !words || words.unclear.has(nameOf(record._id))) continue
    const said = [
      words.here.get(wordKey(record._id.toHexString(), choice)),
      words.there.get(wordKey(object.id, choice)),
    ].filter(word => word !== undefined)
    if (said.length === 0 || said.some(word => word === here.has(choice))) continue
    throw new Violation(`interests: the last word on ${choice} was lost: ${detail}`)
  }
}
