import type { DealStage } from '../../../shared/leads/stages'
import { core, type ObjectType } from './core'
import { choicesField, Violation, type Field } from './fields'
import { edit, setThere, storeEdit, toText } from './people'
import { createRandom, type Random } from './random'
import { freshValue, mappedStages, stageIds } from './rules'
import type { AnyRecord, Id } from './store'
import { nameOf, tell, type World } from './world'

/**
 * An operation changes many records and is taken back, after both sides have come to rest: what
 * nobody else touched stands as before on both sides, and what somebody changed since is left alone.
 */

type Cause = Parameters<typeof core.editedHere>[4]

/** One field that the operation changes */
interface Changed {
  type: ObjectType
  id: Id
  field: Field
  before: string | null
  /** What somebody made of it in HubSpot since */
  touched: string | null
  /** "Only fill if empty" never clears: this is what stays */
  filled: string | null
}

/** @param rest brings both sides to rest */
export function playUndo(world: World, seed: number, rest: () => void): void {
  const random = createRandom(seed ^ 0xdead)
  const isWritten = random() % 3 !== 0
  const operation = core.newId()
  world.words = null
  const changed = change(world, random, operation)
  if (isWritten) {
    rest()
    touch(world, random, changed)
    rest()
  }
  const undo = core.newId()
  if (!takeBack(world, changed, operation, undo)) return rest()
  rest()
  for (const one of changed) assertAsBefore(world, one)
  if (random() % 2 === 0) return
  // The undo is taken back as well, and that once more: as before.
  const again = core.newId()
  if (!takeBack(world, changed, undo, again)) return rest()
  rest()
  if (!takeBack(world, changed, again, core.newId())) return rest()
  rest()
  for (const one of changed) assertAsBefore(world, one)
}

/** A field of each record that is in step gets a value that nobody has used. */
function change(world: World, random: Random, cause: Cause): Changed[] {
  tell(world, () => '— an operation changes many records')
  return (['contacts', 'deals'] as const).flatMap(type =>
    [...world.store.records(type)].flatMap(record => {
      const own = type === 'contacts' ? choicesField(world.settings) : []
      const fields = [...world.lineage.fields[type], ...own]
      const field = fields[random() % fields.length]
      if (!field || record.sync.state !== 'in_sync' || field.direction === 'in') return []
      const before = field.ours(record)
      const object = world.hubspot.exact(type, record.hubspot_id ?? '')
      // What HubSpot has otherwise in an outbound field is overwritten, and nothing of ours says it.
      if (!object || field.theirs(object.properties) !== before) return []
      // Known gap: a HubSpot stage without a mapping cannot be set from here.
      if (field.name === 'stage' && before === null) return []
      if (!edit(world, record, field.name)) return []
      set(world, record, field, freshOf(world, type, field, before), cause)
      return [{ type, id: record._id, field, before, touched: null, filled: null }]
    }),
  )
}

function freshOf(world: World, type: ObjectType, field: Field, before: string | null): string {
  const rule = world.settings.rules[type][field.index]
  if (rule) return freshValue(rule.kind, ++world.values)
  return mappedStages.find(stage => stage !== before) ?? mappedStages[0]
}

function set(
  world: World,
  record: AnyRecord,
  field: Field,
  value: string | null,
  cause: Cause,
): void {
  tell(world, () => `  ${nameOf(record._id)}: ${field.name} = ${String(value)}`)
  const change =
    field.name === 'stage'
      ? { stage: value as DealStage | null }
      : { values: { ...record.values, [field.name]: value } }
  storeEdit(world, record, change as Partial<AnyRecord>, [field.name], cause)
}

/** Somebody changes one in three in HubSpot. */
function touch(world: World, random: Random, changed: Changed[]): void {
  for (const one of changed) {
    if (random() % 3 !== 0 || one.field.direction !== 'both') continue
    const record = world.store.byId(one.id)
    const object = world.hubspot.exact(one.type, record?.hubspot_id ?? '')
    if (!record || record.sync.state !== 'in_sync' || !object) continue
    const rule = world.settings.rules[one.type][one.field.index]
    const ours = one.field.ours(record)
    const stood = one.field.theirs(object.properties)
    const value = rule
      ? freshValue(rule.kind, ++world.values)
      : (stageIds.find(id => {
          const stage = one.field.theirs({ dealstage: id })
          return stage !== null && stage !== ours && stage !== one.before
        }) ?? stageIds[0])
    setThere(world, object, one.field.property, rule ? toText(rule, value) : value)
    const theirs = one.field.theirs(object.properties)
    // Yes or no may be what stands there already: nobody touched it then.
    if (theirs !== stood) one.touched = theirs
  }
}

/**
 * As `server/operations/undo` does it: what the plan names is an edit like any other.
 * @returns false when a field has had too many edits to follow
 */
function takeBack(world: World, changed: readonly Changed[], of: Cause, cause: Cause): boolean {
  tell(world, () => '— an operation is taken back')
  for (const each of changed) {
    const { type, id, field } = each
    const record = world.store.byId(id)
    if (!record) continue
    const entries = (record.history ?? []).filter(entry => of && entry.cause?.equals(of))
    const plan = core.planUndo(record, entries, world.settings.rules[type])
    if (plan.action === 'none') {
      const isFilled = field.policy === 'fill_if_empty' && each.before === null
      if (isFilled && plan.skipped.length > 0) each.filled = field.ours(record)
      continue
    }
    const [one] = plan.changes
    if (plan.action !== 'edit' || plan.changes.length !== 1 || one?.field !== field.name)
      throw new Violation(`${nameOf(id)}: the undo of one edit is planned otherwise ${plan.action}`)
    if (!edit(world, record, field.name)) return false
    set(world, record, field, one.after, cause)
  }
  return true
}

function assertAsBefore(world: World, changed: Changed): void {
  const { type, id, field, before, touched, filled } = changed
  const record = world.store.byId(id)
  const object = world.hubspot.exact(type, record?.hubspot_id ?? '')
  if (!record || !object) throw new Violation(`${nameOf(id)} went as an operation was taken back`)
  const [ours, theirs] = [field.ours(record), field.theirs(object.properties)]
  const wanted = filled ?? before
  const isOwnWay = field.policy === 'fill_if_empty'
  const detail = JSON.stringify({ before, touched, filled, ours, theirs })
  if (ours !== (isOwnWay ? wanted : (touched ?? wanted)) || theirs !== (touched ?? wanted))
    throw new Violation(`${field.name}: an undo leaves something else than it should ${detail}`)
}
