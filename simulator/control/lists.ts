import { objectTypeOf } from '../api/paths'
import { json, type Reply } from '../http'
import { addList, listsOf, type RecordList } from '../store/lists'
import type { Portal } from '../store/portal'
import type { World } from '../world'
import { noSuchControl } from './errors'

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

const shown = ({ listId, name, type, members }: RecordList) => ({
  listId,
  name,
  type,
  members: [...members],
})

/** `/_control/portals/{portal}/lists…`: what people do with their lists. */
export function listControl(
  { journal }: World,
  portal: Portal,
  method: string,
  [id]: string[],
  body: Record<string, unknown>,
): Reply {
  const lists = listsOf(portal)
  if (id === undefined && method === 'GET') return json(200, lists.map(shown))
  if (id === undefined && method === 'POST') {
    const type = objectTypeOf(String(body.type)) ?? 'contacts'
    const list = { name: String(body.name), type, members: textsOf(body.members) } as const
    return json(200, shown(addList(portal, list)))
  }
  const list = lists.find(({ listId }) => listId === id)
  if (!list) throw noSuchControl(`list ${id}`)
  if (method === 'DELETE') lists.splice(lists.indexOf(list), 1)
  else {
    const tell = (objectId: string, isAdded: boolean) =>
      journal.listChanged({
        portalId: portal.description.id,
        type: list.type,
        listId: list.listId,
        objectId,
        isAdded,
      })
    for (const member of textsOf(body.add)) {
      if (!list.members.has(member)) tell(member, true)
      list.members.add(member)
    }
    for (const member of textsOf(body.remove)) if (list.members.delete(member)) tell(member, false)
  }
  return json(200, shown(list))
}
