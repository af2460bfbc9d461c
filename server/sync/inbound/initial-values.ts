import type { AnyRecord } from '../../database/documents'
import type { Crm, CrmObject, ObjectType } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import type { FieldRule } from '../../records/merge-field'
import { hasTexts } from '../../records/own-write'

/**
 * An object may be what a create of ours made whose answer was lost, and somebody may have changed
 * it since. HubSpot is then asked what it began with. Rare, and one request for fifty records.
 * @param stored our records by HubSpot id; only those with a create intent matter
 * @returns the records with the values they began with; `null` when nothing hangs on it
 */
export async function withInitialValues(
  crm: Pick<Crm, 'initialValues'>,
  type: ObjectType,
  records: readonly CrmObject[],
  stored: ReadonlyMap<string, Pick<AnyRecord, 'create_intent'>>,
  rules: readonly FieldRule[],
): Promise<CrmObject[] | null> {
  const properties = new Set<string>()
  const open = records.filter(record => {
    const sent = stored.get(record.id)?.create_intent?.sent
    if (!sent || record.initial || hasTexts(rules, sent, record.properties)) return false
    for (const property of Object.keys(sent)) properties.add(property)
    return true
  })
  if (open.length === 0) return null
  const ids = open.map(record => record.id)
  const found = await crm.initialValues(type, ids, [...properties]).catch((error: unknown) => {
    // A property without a history: nobody knows what the object began with.
    if (error instanceof HubspotError && error.kind === 'rejected') return null
    throw error
  })
  return (
    found && records.map(record => ({ ...record, initial: found.get(record.id) ?? record.initial }))
  )
}
