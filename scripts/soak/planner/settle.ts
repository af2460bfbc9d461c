import { moveChoices } from './choices'
import { core, type ObjectType } from './core'
import type { Arrival } from './hubspot'
import { applyPage, archive, begun, timesOf } from './inbound'
import { contactsOf, markFailed } from './outbox'
import { stages } from './rules'
import { pull } from './readers'
import { isLeftOut } from './scope'
import { isThere } from './send'
import { Taken, type AnyRecord, type Id } from './store'
import { moveDeals, resolveDeals, wakeDeals } from './ties'
import {
  forgetTwiceSaid,
  moveTieWords,
  nameOf,
  nowOf,
  portalId,
  tell,
  type AnyWrite,
  type Flight,
  type TieWord,
  type World,
} from './world'

/** HubSpot's answers are stored, as `server/records/outbox` and `server/sync/outbound` do it. */

const noAnswer = {
  code: 'ANSWER_MISSING',
  message: 'HubSpot did not say what became of this record.',
  correlationId: null,
  category: null,
}

/** HubSpot's answers are stored. */
export function settle(world: World, flight: Flight): void {
  const { type } = flight
  for (const { write, answer } of flight.creates) {
    if (answer && 'ok' in answer) {
      settleWrite(world, type, write, answer.ok, write.properties, {
        added: write.associations.add,
        removed: [],
      })
      continue
    }
    if (answer && 'existing' in answer) {
      const contact = world.hubspot.find('contacts', answer.existing)
      if (contact && world.hubspot.isLive(contact)) {
        if (!isLeftOut(world, type, write, contact))
          link(world, type, write, world.hubspot.read(contact, world.now))
        continue
      }
    }
    const record = world.store.byId(write.record._id)
    if (record) world.store.put({ ...record, create_intent: null })
    if (type === 'deals' && areContactsGone(world, write.associations.add)) continue
    refuse(world, write, 'VALIDATION_ERROR')
  }
  for (const { write, answer } of flight.updates) {
    if (answer && 'ok' in answer) {
      settleWrite(world, type, write, answer.ok, write.properties, {
        added: write.associations.add,
        removed: write.associations.remove,
      })
      continue
    }
    if (areContactsGone(world, write.associations.add)) continue
    if (answer && 'refused' in answer && answer.refused === 'gone')
      archive(world, type, [write.record.hubspot_id ?? ''])
    else refuse(world, write, answer ? 'VALIDATION_ERROR' : noAnswer.code)
  }
  world.flight = null
}

function refuse(world: World, write: AnyWrite, code: string): void {
  const failure = { ...noAnswer, code }
  tell(world, () => `  ${nameOf(write.record._id)} is refused`)
  markFailed(
    world,
    write.record,
    core.shown(failure),
    core.retryAt(failure, write.record.sync.attempts, nowOf(world)),
  )
}

function areContactsGone(world: World, contactIds: readonly string[]): boolean {
  const gone = contactIds.filter(id => !isThere(world, id))
  if (contactIds.length > 0) pull(world, 'contacts', contactIds)
  return gone.length > 0
}

/** A record of ours is this object of HubSpot's. */
export function link(world: World, type: ObjectType, write: AnyWrite, object: Arrival): void {
  const rules = world.settings.rules[type]
  const agreed = core.ofOwnCreate(write.record, begun(world, type, object), rules)
  const sent = Object.fromEntries(
    Object.entries(agreed).map(([property, text]) => [property, text ?? '']),
  )
  const isTimed = core.timedSince(agreed, object.properties, rules).length > 0
  const changedAt = isTimed ? timesOf(world, type, object.setAt) : undefined
  settleWrite(world, type, write, { ...object, changedAt }, sent)
  applyPage(world, type, [object])
}

/** @param associations of a write; absent where the object was found instead */
function settleWrite(
  world: World,
  type: ObjectType,
  write: AnyWrite,
  object: Arrival,
  sent: Record<string, string>,
  associations?: { added: string[]; removed: string[] },
): void {
  const { store, lineage } = world
  const id = write.record._id
  takeCopy(world, type, object.id, write)
  const current = store.byId(id)
  if (!current) return
  const next = core.afterWrite(
    current,
    {
      portalId,
      sent,
      object,
      ...(associations ? { associations, before: write.record.base ?? {} } : {}),
    },
    {
      rules: world.settings.rules[type],
      stages,
      contacts: contactsOf(
        world,
        current,
        core.associationsOf(current, { sent, associations })?.added,
      ),
      now: nowOf(world),
    },
  )
  try {
    store.put(next)
  } catch (error) {
    if (!(error instanceof Taken)) throw error
    absorb(world, type, current, object.id)
    return
  }
  const isMoved = current.hubspot_id !== null && current.hubspot_id !== object.id
  if (!isMoved && associations) lineage.written(current, next, sent, object.seen)
  else if (!isMoved) {
    // An arrival may have linked it since it was claimed: then it is found once more.
    if (current.hubspot_id === null) lineage.found(current, next, sent)
    lineage.arrived(current, next, object, sent)
  }
  if (type !== 'contacts') return
  if (current.hubspot_id === null)
    resolveDeals(world, object.id, id, !core.isKnownAs(current, object.id))
  wakeDeals(world, id)
}

/** A copy that came in before the create's answer goes into the record that people know. */
function takeCopy(world: World, type: ObjectType, hubspotId: string, write: AnyWrite): void {
  const { store, lineage, settings } = world
  const since = write.record.create_intent?.at.getTime() ?? (world.flight?.lookedAt || world.now)
  const copy = store.of(type, hubspotId)
  const waiting = store.byId(write.record._id)
  if (!copy || !waiting || copy._id === waiting._id) return
  if (copy.created_at.getTime() < since || waiting.hubspot_id !== null) return
  const { sent = {} } = waiting.create_intent ?? {}
  const contacts = core.joinedContacts(waiting, hubspotId)
  const taken = core.withCopy(
    waiting,
    copy,
    {
      sent,
      sentStage: stages.toOurs(sent.pipeline ?? null, sent.dealstage ?? null) ?? null,
      sentLeads: contacts.flatMap(id => store.leadOf(id)?._id ?? []),
    },
    {
      rules: { lead: settings.rules.contacts, deal: settings.rules.deals },
      now: nowOf(world),
    },
  )
  const isTimed = core.timedSince(sent, copy.remote ?? {}, settings.rules[type]).length > 0
  const next = isTimed
    ? core.withTimes(taken, timesOf(world, type, world.hubspot.exact(type, hubspotId)?.setAt))
    : taken
  tell(world, () => `  ${nameOf(waiting._id)} takes over its copy ${nameOf(copy._id)}`)
  store.put(next)
  lineage.copied(waiting, next, copy, sent)
  moveChoices(world, copy._id, waiting._id)
  forgetTwiceSaid(world, copy._id, waiting._id)
  moveTieWords(
    world,
    copy._id,
    waiting._id,
    isSaidOf(world, { waitingId: waiting._id, copy }, contacts),
  )
  if (type === 'contacts') moveDeals(world, [copy._id], waiting._id)
  store.remove(copy._id)
  lineage.forget(copy._id)
}

/**
 * Which words on ties of a copy count for the record that takes it over. A tie made and parted again
 * on the copy leaves no trace: what was said before stands.
 */
function isSaidOf(
  { store }: World,
  { waitingId, copy }: { waitingId: Id; copy: AnyRecord },
  contacts: readonly string[],
): (word: TieWord) => boolean {
  const copyId = copy.hubspot_id ?? ''
  return ({ deal: dealId, lead: leadId, isTied }) => {
    const deal = store.byId(dealId)
    const names = deal && 'lead_ids' in deal && deal.hubspot_contact_ids.includes(copyId)
    if (leadId === copy._id) return isTied || Boolean(names)
    // Tied and parted again while nobody knew that HubSpot's deal has this contact.
    if (leadId === waitingId) return isTied || !names
    if (dealId !== copy._id || !('lead_ids' in copy)) return true
    const contactId = store.byId(leadId)?.hubspot_id ?? ''
    const [has, isSent] = [
      copy.hubspot_contact_ids.includes(contactId),
      contacts.includes(contactId),
    ]
    return isTied ? !has || !isSent : has
  }
}

/** Two of ours turn out to be one object: the linked one takes the other in. */
function absorb(world: World, type: ObjectType, duplicate: AnyRecord, hubspotId: string): void {
  const { store, lineage } = world
  const keeper = store.of(type, hubspotId)
  if (!keeper) return
  // Known gap: a tie parted on the one is tied again with those of the other.
  world.areTiesMoved = true
  tell(world, () => `  ${nameOf(keeper._id)} takes in ${nameOf(duplicate._id)}`)
  const now = nowOf(world)
  const filling = core.fillFrom(keeper, duplicate, now)
  const untied =
    'lead_ids' in keeper && 'lead_ids' in duplicate ? core.missingLeads(keeper, duplicate) : []
  let next = keeper
  if (filling || untied.length > 0) {
    next = {
      ...keeper,
      values: filling?.values ?? keeper.values,
      changed_at: { ...keeper.changed_at, ...filling?.changedAt },
      dirty: keeper.archived_at === null,
      revision: keeper.revision + 1,
      ...('lead_ids' in keeper
        ? {
            lead_ids: [...keeper.lead_ids, ...untied],
            associations_dirty: keeper.associations_dirty || untied.length > 0,
          }
        : {}),
    } as AnyRecord
    store.put(filling ? core.remember(next, [filling.history]) : next)
  }
  if (type === 'contacts') moveDeals(world, [duplicate._id], keeper._id)
  store.remove(duplicate._id)
  lineage.filled(keeper, next, duplicate)
}
