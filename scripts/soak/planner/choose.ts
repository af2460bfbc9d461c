import { choseHere } from './choices'
import { isUnknown, pick, setThere, storeEdit } from './people'
import { choices } from './rules'
import type { AnyRecord } from './store'
import { tell, type World } from './world'

/** People choose, and take back, in a field of several choices. */

/** One or two choices are turned over. @returns the set as text; `null`: nothing is chosen */
function turned(text: string | null | undefined, b: number): string | null {
  const turns = [b % 4, ...(b & 16 ? [(b >>> 5) % 4] : [])].map(index => choices[index])
  const before = (text ?? '').split(';')
  return choices.filter(one => before.includes(one) !== turns.includes(one)).join(';') || null
}

export function chooseHere(world: World, a: number, b: number): void {
  const lead = pick(world.store.leads, a)
  const rule = world.settings.choices
  if (!lead || !rule) return
  const values = lead.values as Record<string, string | null>
  const next = turned(values[rule.field], b)
  tell(world, () => `  ${rule.field} = ${String(next)}`)
  const change = { values: { ...values, [rule.field]: next } } as Partial<AnyRecord>
  storeEdit(world, lead, change, [rule.field])
  const edited = world.store.byId(lead._id)
  if (edited) choseHere(world, lead, edited)
}

export function chooseThere(world: World, a: number, b: number): void {
  const object = pick(world.hubspot.living('contacts'), a)
  const rule = world.settings.choices
  if (!object || !rule || isUnknown(world, object)) return
  setThere(world, object, rule.property, turned(object.properties[rule.property], b) ?? '')
}
