import type { ObjectType } from '../data/base'
import type { BaseDeals } from '../data/deals'

/**
 * Which contacts belong to which deals, by index. Base pairs are computed; what changed since is
 * kept.
 */
export interface Associations {
  /** Indexes of the other object's records, ascending. Archived ones are not left out here. */
  of(type: ObjectType, index: number): number[]
  has(contact: number, deal: number): boolean
  /** @returns whether anything changed */
  add(contact: number, deal: number): boolean
  /** @returns whether anything changed */
  remove(contact: number, deal: number): boolean
  /** What differs from the start, for a file */
  save(): SavedAssociations
  load(saved: SavedAssociations): void
}

export interface SavedAssociations {
  added: [contact: number, deal: number][]
  removed: string[]
}

export function createAssociations(base: BaseDeals, baseContacts: number): Associations {
  const added = { contacts: new Map<number, Set<number>>(), deals: new Map<number, Set<number>>() }
  const removed = new Set<string>()
  const key = (contact: number, deal: number) => `${contact}:${deal}`

  const inBase = (contact: number, deal: number) =>
    contact < baseContacts && deal < base.count && base.contactsOf(deal).includes(contact)

  function has(contact: number, deal: number): boolean {
    if (added.contacts.get(contact)?.has(deal)) return true
    return inBase(contact, deal) && !removed.has(key(contact, deal))
  }

  function link(map: Map<number, Set<number>>, from: number, to: number): void {
    const set = map.get(from)
    if (set) set.add(to)
    else map.set(from, new Set([to]))
  }

  return {
    has,
    of(type, index) {
      const fromBase =
        type === 'contacts'
          ? index < baseContacts
            ? base.dealsOf(index).filter(deal => !removed.has(key(index, deal)))
            : []
          : index < base.count
            ? base.contactsOf(index).filter(contact => !removed.has(key(contact, index)))
            : []
      const extra = added[type].get(index)
      return extra ? [...new Set([...fromBase, ...extra])].sort((a, b) => a - b) : fromBase
    },
    add(contact, deal) {
      if (has(contact, deal)) return false
      removed.delete(key(contact, deal))
      if (!inBase(contact, deal)) {
        link(added.contacts, contact, deal)
        link(added.deals, deal, contact)
      }
      return true
    },
    remove(contact, deal) {
      if (!has(contact, deal)) return false
      added.contacts.get(contact)?.delete(deal)
      added.deals.get(deal)?.delete(contact)
      if (inBase(contact, deal)) removed.add(key(contact, deal))
      return true
    },
    save: () => ({
      added: [...added.contacts].flatMap(([contact, deals]) =>
        [...deals].map((deal): [number, number] => [contact, deal]),
      ),
      removed: [...removed],
    }),
    load(saved) {
      added.contacts.clear()
      added.deals.clear()
      removed.clear()
      for (const pair of saved.removed) removed.add(pair)
      for (const [contact, deal] of saved.added) {
        link(added.contacts, contact, deal)
        link(added.deals, deal, contact)
      }
    },
  }
}
