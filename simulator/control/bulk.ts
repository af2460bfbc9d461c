import type { ObjectType } from '../data/object-types'
import { isObject } from '../http'
import { updateRecord, type ChangeContext } from '../store/changes'
import type { Portal } from '../store/portal'
import type { RecordCounts } from './types'

/**
 * Edits many records at one instant, as an import or a workflow does: `{count, from?, properties}`,
 * where `$n` in a value becomes the record's number among the edited ones. Archived records are
 * passed over.
 */
export function bulkEdit(
  portal: Portal,
  type: ObjectType,
  body: Record<string, unknown>,
  context: ChangeContext,
): { edited: number; at: number; ids: [first: string, last: string] | null } {
  const store = portal.store(type)
  const at = context.at ?? portal.clock.now()
  const templates = Object.entries(isObject(body.properties) ? body.properties : {}).map(
    ([name, value]) => [name, String(value)] as const,
  )
  const count = Number(body.count)
  const ids: string[] = []
  for (let index = Number(body.from ?? 0); index < store.size() && ids.length < count; index++) {
    const record = store.view(index)
    if (!record || record.archivedAt !== null) continue
    const values = Object.fromEntries(
      templates.map(([name, template]) => [name, template.replaceAll('$n', String(ids.length))]),
    )
    updateRecord(portal, type, record, values, { ...context, at })
    ids.push(record.id)
  }
  const [first, last] = [ids[0], ids.at(-1)]
  return {
    edited: ids.length,
    at,
    ids: first !== undefined && last !== undefined ? [first, last] : null,
  }
}

export function countRecords(portal: Portal, type: ObjectType): RecordCounts {
  const store = portal.store(type)
  const counts = { live: store.size(), archived: 0, added: 0 }
  for (const index of store.touched()) {
    const record = store.view(index)
    if (!record || record.archivedAt !== null) counts.live -= 1
    else if (index >= store.base.count) counts.added += 1
    if (record && record.archivedAt !== null) counts.archived += 1
  }
  return counts
}

/**
 * Values that several live records share, if at least one of these was not there at the start: what
 * an app that creates twice leaves behind. Base contacts all differ in their address; base deals
 * may share a name among themselves.
 */
export function duplicates(
  portal: Portal,
  type: ObjectType,
  property: string,
): { value: string; ids: string[] }[] {
  const store = portal.store(type)
  const byValue = new Map<string, Set<string>>()
  for (const index of store.touched()) {
    const record = store.view(index)
    const value = record?.archivedAt === null ? record.value(property) : null
    if (!record || value === null || value === undefined) continue
    const ids = byValue.get(value) ?? new Set()
    byValue.set(value, ids.add(record.id))
  }
  for (let index = 0; index < store.base.count && byValue.size > 0; index++) {
    if (store.isTouched(index)) continue
    const value = store.base.value(index, property)
    if (value !== null) byValue.get(value)?.add(store.idAt(index))
  }
  return [...byValue]
    .filter(([, ids]) => ids.size > 1)
    .map(([value, ids]) => ({ value, ids: [...ids] }))
}
