import type { Crm, CrmObject, ObjectType } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import type { Plan } from './page'

/**
 * A record's modification date moves with any of its fields, so it says too much for one of them.
 * Where both sides changed a field whose latest edit wins and HubSpot would win by that date,
 * HubSpot is asked when it set the value. Rare, and one request for fifty records.
 * @param plans made with the records' own dates
 * @returns the records with what HubSpot answered, to be planned again; `null` when nothing hangs
 *   on it
 */
export async function withValueTimes(
  crm: Pick<Crm, 'changedAt'>,
  type: ObjectType,
  records: readonly CrmObject[],
  plans: ReadonlyMap<string, Pick<Plan<unknown>, 'reports'>>,
): Promise<CrmObject[] | null> {
  const open = new Map<string, string[]>()
  for (const [id, { reports }] of plans) {
    const properties = reports
      .filter(
        report =>
          report.conflict && report.rule === 'latest_wins' && report.decision === 'took_hubspot',
      )
      .map(report => report.property)
    if (properties.length > 0) open.set(id, properties)
  }
  if (open.size === 0) return null
  // A page may have been read before HubSpot's latest change: what arrives has a time of its own.
  const texts = new Map(records.map(({ id, properties }) => [id, properties]))
  const properties = [...new Set([...open.values()].flat())]
  const times = await valueTimes(crm, type, [...open.keys()], properties, texts)
  return (
    times &&
    records.map(record => ({ ...record, changedAt: times.get(record.id) ?? record.changedAt }))
  )
}

/**
 * When the present values of these properties were set. @returns by id and property, ISO 8601;
 * `null` where HubSpot keeps no history of one: the record's own date then stands
 * @param texts when these were set, by id and property, whatever was set since
 */
export async function valueTimes(
  crm: Pick<Crm, 'changedAt'>,
  type: ObjectType,
  ids: string[],
  properties: string[],
  texts?: Parameters<Crm['changedAt']>[3],
): Promise<Map<string, Record<string, string>> | null> {
  return await crm.changedAt(type, ids, properties, texts).catch((error: unknown) => {
    if (error instanceof HubspotError && error.kind === 'rejected') return null
    throw error
  })
}
