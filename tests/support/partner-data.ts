import type { Db, Document, ObjectId } from 'mongodb'

/**
 * Everything that belongs to a partner, byte for byte. Sessions that tests opened beside the
 * sign-in (they name no browser) are left out.
 */
export async function partnerData(store: Db, partnerId: ObjectId): Promise<string> {
  const names = (await store.listCollections({}, { nameOnly: true }).toArray())
    .map(({ name }) => name)
    .sort()
  const all: Record<string, Document[]> = {}
  for (const name of names)
    all[name] = await store
      .collection(name)
      .find({ $or: [{ partner_id: partnerId }, { _id: partnerId }] })
      .sort({ _id: 1 })
      .toArray()
  all.sessions = (all.sessions ?? []).filter(session => session.browser !== null)
  for (const session of all.sessions) delete session.last_seen_at
  return JSON.stringify(all)
}
