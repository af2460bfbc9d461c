import type { ObjectId } from 'mongodb'
import { fieldKinds } from '../../server/records/fields'
import { createStageRules, type StageRules } from '../../server/records/merge-stage'
import { sameValue } from '../../server/records/values'
import type { Collections } from '../../server/database/collections'
import type {
  DealDocument,
  DealValues,
  LeadDocument,
  LeadValues,
} from '../../server/database/documents'
import type { ControlClient } from '../../simulator/control-client'
import type { ControlRecord } from '../../simulator/control/types'

/** Every field that is mapped unless an admin maps otherwise. */
export const contactFields: [keyof LeadValues, string][] = [
  ['email', 'email'],
  ['firstName', 'firstname'],
  ['lastName', 'lastname'],
  ['phone', 'phone'],
  ['company', 'company'],
  ['jobTitle', 'jobtitle'],
  ['lifecycleStage', 'lifecyclestage'],
]
const dealFields: [keyof DealValues, string][] = [
  ['name', 'dealname'],
  ['amount', 'amount'],
  ['currency', 'deal_currency_code'],
  ['closeDate', 'closedate'],
]

export interface Comparison {
  /** Linked records looked at */
  contacts: number
  deals: number
  /** Of these, the ones that are the same in every mapped field */
  identical: number
  fields: number
  /** Everything in which the sides differ, in words */
  found: string[]
  /** Records that exist twice, here or in HubSpot; also in `found` */
  twice: string[]
}

interface Sides {
  collections: Pick<Collections, 'leads' | 'deals' | 'stageMappings'>
  partnerId: ObjectId
  portalId: string
  portal: ReturnType<ControlClient['portal']>
}

/**
 * Holds both sides against each other, record by record and field by field, by what HubSpot's side
 * says of itself and not by what the server believes.
 * @param createdHere names that were given here once each
 */
export async function compareSides(
  { collections, partnerId, portalId, portal }: Sides,
  createdHere: readonly string[],
): Promise<Comparison> {
  const result: Comparison = {
    contacts: 0,
    deals: 0,
    identical: 0,
    fields: 0,
    found: [],
    twice: [],
  }
  const note = (what: string) => void result.found.push(what)
  const double = (what: string) => void [note(what), result.twice.push(what)]
  const living = async (type: 'contacts' | 'deals') =>
    (await portal.list(type, 50_000)).filter(record => !record.archived)
  const [contacts, remoteDeals] = [await living('contacts'), await living('deals')]
  const leads = await collections.leads.find({ partner_id: partnerId }).toArray()
  const deals = await collections.deals.find({ partner_id: partnerId, archived_at: null }).toArray()
  const stored = await collections.stageMappings.findOne({
    _id: `${partnerId.toHexString()}:${portalId}`,
  })
  const stages = createStageRules(stored?.mapping ?? [])
  const { timeZone } = await portal.account()

  /** Compares one pair; @returns how many of its fields differ */
  function pair(
    what: string,
    fields: readonly (readonly [string, string])[],
    ours: Record<string, string | null>,
    theirs: ControlRecord,
    state: string,
  ): number {
    const differing = fields.filter(
      ([field, property]) =>
        !sameValue(
          { kind: fieldKinds[field as keyof typeof fieldKinds], type: 'string', zone: timeZone },
          ours[field] ?? null,
          readable(field, theirs.properties[property] ?? null, timeZone),
        ),
    )
    for (const [field, property] of differing)
      note(
        `${what} ${theirs.id} ${property}: ${theirs.properties[property]} / ${ours[field]} (${state})`,
      )
    result.fields += fields.length
    return differing.length
  }

  const live = leads.filter(lead => lead.archived_at === null)
  const linked = new Map(
    live.flatMap(lead => (lead.hubspot_id === null ? [] : [[lead.hubspot_id, lead] as const])),
  )
  if (linked.size !== live.filter(lead => lead.hubspot_id !== null).length)
    double('a contact has two leads')
  for (const contact of contacts) {
    const lead = linked.get(contact.id)
    if (!lead) {
      note(`contact ${contact.id} has no lead`)
      continue
    }
    result.contacts += 1
    if (pair('contact', contactFields, { ...lead.values }, contact, lead.sync.state) === 0)
      result.identical += 1
  }
  const ids = new Set(contacts.map(contact => contact.id))
  for (const lead of live) {
    if (lead.hubspot_id === null)
      note(
        `lead ${lead._id.toHexString()} never reached HubSpot (${lead.sync.state} ${lead.sync.error?.code ?? ''})`,
      )
    else if (!ids.has(lead.hubspot_id)) note(`lead of ${lead.hubspot_id} has no contact`)
  }

  const byId = new Map(deals.map(deal => [deal.hubspot_id, deal]))
  const contactOf = new Map(
    leads.map(lead => [lead._id.toHexString(), lead.archived_at === null ? lead.hubspot_id : null]),
  )
  for (const remote of remoteDeals) {
    const deal = byId.get(remote.id)
    if (!deal) {
      note(`deal ${remote.id} is missing here`)
      continue
    }
    result.deals += 1
    const differing = pair('deal', dealFields, { ...deal.values }, remote, deal.sync.state)
    const others = [
      stageDifference(stages, deal, remote),
      contactDifference(contactOf, deal, remote),
    ].filter(other => other !== null)
    result.fields += 2
    for (const other of others) note(`deal ${remote.id} ${other}`)
    if (differing + others.length === 0) result.identical += 1
  }
  if (deals.length !== remoteDeals.length)
    note(
      `${remoteDeals.length} deals there, ${deals.length} here: ${deals
        .filter(deal => !remoteDeals.some(remote => remote.id === deal.hubspot_id))
        .map(deal => `${deal.values.name} ${deal.sync.state} ${deal.sync.error?.code ?? ''}`)
        .join('; ')}`,
    )

  for (const { value, ids: both } of await portal.duplicates('contacts', 'email'))
    double(`e-mail ${value} twice in HubSpot: ${both.join()}`)
  for (const email of repeated(live.map(lead => lead.values.email)))
    double(`e-mail ${email} twice here`)
  const names = {
    there: [
      ...contacts.map(contact => contact.properties.lastname),
      ...remoteDeals.map(deal => deal.properties.dealname),
    ],
    here: [...live.map(lead => lead.values.lastName), ...deals.map(deal => deal.values.name)],
  }
  for (const [side, all] of Object.entries(names)) {
    const often = repeated(all)
    for (const name of createdHere) if (often.has(name)) double(`${name} exists twice ${side}`)
  }
  return result
}

/** @returns everything in which the two sides differ, in words */
export async function differences(
  bench: Pick<Sides, 'collections'>,
  partner: Omit<Sides, 'collections'>,
  createdHere: readonly string[],
): Promise<string[]> {
  return (
    await compareSides(
      {
        collections: bench.collections,
        partnerId: partner.partnerId,
        portalId: partner.portalId,
        portal: partner.portal,
      },
      createdHere,
    )
  ).found
}

/** Ours is a day; HubSpot's close date is an instant of that day in the account's zone. */
function readable(field: string, text: string | null, timeZone: string): string | null {
  if (field !== 'closeDate' || text === null || text === '') return text
  const at = new Date(/^\d+$/.test(text) ? Number(text) : text)
  return Number.isNaN(at.getTime()) ? text : at.toLocaleDateString('sv-SE', { timeZone })
}

function stageDifference(
  stages: StageRules,
  deal: DealDocument,
  remote: ControlRecord,
): string | null {
  const theirs = stages.toOurs(
    remote.properties.pipeline ?? null,
    remote.properties.dealstage ?? null,
  )
  return theirs === null || theirs === undefined || theirs === deal.stage
    ? null
    : `stage: ${theirs} / ${deal.stage}`
}

function contactDifference(
  contactOf: ReadonlyMap<string, LeadDocument['hubspot_id']>,
  deal: DealDocument,
  remote: ControlRecord,
): string | null {
  const here = deal.lead_ids
    .map(id => contactOf.get(id.toHexString()))
    .filter(id => id)
    .sort()
    .join()
  const there = [...remote.associations].sort().join()
  return here === there
    ? null
    : `contacts: ${there} / ${here} (dirty ${deal.associations_dirty}, ${deal.sync.state})`
}

function repeated(values: readonly (string | null | undefined)[]): Set<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const value of values) {
    if (!value) continue
    if (seen.has(value)) twice.add(value)
    seen.add(value)
  }
  return twice
}
