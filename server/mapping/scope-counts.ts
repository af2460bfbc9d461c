import type { CountBasis, Scope, ScopeCounts } from '#shared/contracts/scope'
import type { Crm, Filter, HubspotList, ObjectType } from '../hubspot/crm-types'
import { createdProperty } from '../records/scope'
import { ownerProperty } from '../records/fields'

type Asked = Pick<Crm, 'search' | 'listMembers'>

/** Lists are read member by member up to this many: a person waits for the count */
const mostMembers = 1000
/** HubSpot takes so many values in one `IN` */
const inSize = 100

/**
 * Counts what of HubSpot's records a scope means. Two searches a kind of object; up to eleven where
 * lists are looked at member by member.
 */
export async function countScope(
  crm: Asked,
  scope: Scope,
  lists: readonly HubspotList[],
): Promise<ScopeCounts> {
  const [contacts, deals] = await Promise.all([
    countKind(crm, 'contacts', filtersOf('contacts', scope), scope.contacts.listIds, lists),
    countKind(crm, 'deals', filtersOf('deals', scope), [], lists),
  ])
  return {
    counts: { contacts: contacts.counted, deals: deals.counted },
    basis: { contacts: contacts.basis, deals: deals.basis },
  }
}

interface Inside {
  inside: number
  basis: CountBasis
}

async function countKind(
  crm: Asked,
  type: ObjectType,
  filters: Filter[],
  listIds: readonly string[],
  lists: readonly HubspotList[],
): Promise<{ counted: { inside: number; outside: number }; basis: CountBasis }> {
  const count = async (some: Filter[]) =>
    (await crm.search(type, { filters: some, properties: ['hs_object_id'], limit: 1 })).total
  const [all, { inside, basis }] = await Promise.all([
    count([]),
    listIds.length > 0
      ? countOnLists(crm, count, filters, listIds, lists)
      : filters.length === 0
        ? { inside: null, basis: 'all' as const }
        : { inside: await count(filters), basis: 'search' as const },
  ])
  const within = Math.min(inside ?? all, all)
  return { counted: { inside: within, outside: all - within }, basis }
}

async function countOnLists(
  crm: Asked,
  count: (filters: Filter[]) => Promise<number>,
  filters: Filter[],
  listIds: readonly string[],
  lists: readonly HubspotList[],
): Promise<Inside> {
  const sizes = listIds.map(id => lists.find(list => list.id === id)?.size ?? null)
  // A size that HubSpot does not say may be any.
  const sum = sizes.reduce<number>((total, size) => total + (size ?? Infinity), 0)
  const isKnown = Number.isFinite(sum)
  const isAlone = listIds.length === 1 && filters.length === 0
  if (isAlone && isKnown) return { inside: sum, basis: 'list_size' }
  const members = isKnown && sum > mostMembers ? null : await membersOf(crm, listIds)
  if (members === null) {
    const matching = filters.length === 0 ? sum : Math.min(sum, await count(filters))
    return { inside: matching, basis: 'at_most' }
  }
  if (filters.length === 0) return { inside: members.length, basis: 'members' }
  const parts = Array.from({ length: Math.ceil(members.length / inSize) }, (_, part) =>
    members.slice(part * inSize, (part + 1) * inSize),
  )
  const counts = await Promise.all(
    parts.map(values =>
      count([...filters, { propertyName: 'hs_object_id', operator: 'IN', values }]),
    ),
  )
  return { inside: counts.reduce((total, one) => total + one, 0), basis: 'members' }
}

/** @returns the records that are on one of the lists; `null`: more than are looked at */
async function membersOf(crm: Asked, listIds: readonly string[]): Promise<string[] | null> {
  const members = new Set<string>()
  for (const id of listIds) {
    let after: string | undefined
    do {
      const page = await crm.listMembers(id, { after })
      for (const member of page.ids) members.add(member)
      if (members.size > mostMembers) return null
      after = page.after ?? undefined
    } while (after !== undefined)
  }
  return [...members]
}

/** The rules of a scope that HubSpot's search knows; it knows no lists. */
export function filtersOf(type: ObjectType, { contacts, deals }: Scope): Filter[] {
  const { ownerIds, createdAfter } = type === 'contacts' ? contacts : deals
  const oneOf = (propertyName: string, values: readonly string[]): Filter[] =>
    values.length === 0 ? [] : [{ propertyName, operator: 'IN', values: [...values] }]
  return [
    ...(type === 'contacts' ? oneOf('lifecyclestage', contacts.lifecycleStages) : []),
    ...(type === 'deals' ? oneOf('pipeline', deals.pipelineIds) : []),
    ...oneOf(ownerProperty, ownerIds),
    ...(createdAfter === null
      ? []
      : [
          {
            propertyName: createdProperty,
            operator: 'GTE' as const,
            value: String(Date.parse(createdAfter)),
          },
        ]),
  ]
}
