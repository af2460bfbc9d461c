import type { ObjectType } from '../data/object-types'
import type { Portal } from './portal'

/** A static list of records (a segment, as HubSpot calls it now): people put records on it. */
export interface RecordList {
  listId: string
  name: string
  type: ObjectType
  /** Ids of its records, also of those that were archived since */
  members: Set<string>
  createdAt: number
}

const firstListId = 1_201
/** The list that each portal starts with has every fifth of its first contacts */
const seeded = { name: 'Partners', every: 5, most: 200 }

interface Lists {
  all: RecordList[]
  /** Of the next list; a removed one's is not given again */
  nextId: number
}

/** A portal's lists as they stand in a snapshot. */
export interface SavedLists {
  lists: (Omit<RecordList, 'members'> & { members: string[] })[]
  nextId: number
}

const listsByPortal = new WeakMap<Portal, Lists>()

/** The lists of a portal. One is there from the start. */
export const listsOf = (portal: Portal): RecordList[] => knownLists(portal).all

function knownLists(portal: Portal): Lists {
  const known = listsByPortal.get(portal)
  if (known) return known
  const store = portal.store('contacts')
  const members = new Set<string>()
  for (let index = 0; index < store.size() && members.size < seeded.most; index += seeded.every)
    members.add(store.idAt(index))
  const lists: Lists = { all: [], nextId: firstListId }
  listsByPortal.set(portal, lists)
  addList(portal, { name: seeded.name, type: 'contacts', members: [...members] })
  return lists
}

export function addList(
  portal: Portal,
  { name, type, members }: { name: string; type: ObjectType; members: readonly string[] },
): RecordList {
  const lists = knownLists(portal)
  const listId = String(lists.nextId++)
  const list = { listId, name, type, members: new Set(members), createdAt: portal.clock.now() }
  lists.all.push(list)
  return list
}

export function saveLists(portal: Portal): SavedLists {
  const { all, nextId } = knownLists(portal)
  return { lists: all.map(list => ({ ...list, members: [...list.members] })), nextId }
}

export function loadLists(portal: Portal, { lists, nextId }: SavedLists): void {
  const all = lists.map(list => ({ ...list, members: new Set(list.members) }))
  listsByPortal.set(portal, { all, nextId })
}

/** Ids of the list's live records, ascending: what HubSpot answers. */
export function membersOf(portal: Portal, { type, members }: RecordList): string[] {
  const store = portal.store(type)
  return [...members]
    .filter(id => store.view(store.indexOf(id))?.archivedAt === null)
    .sort((one, other) => Number(one) - Number(other))
}
