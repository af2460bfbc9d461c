import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { Crm, ObjectType } from '../hubspot/crm-types'
import { askHubspot } from './hubspot-refusals'
import type { Schema } from './schema'

/** So many of the records changed last are looked through */
const recordsSeen = 50
const samplesShown = 3
const longestSample = 60
/** Read from HubSpot for properties that nothing here has read yet */
const recordsAsked = 20

export interface SamplesDeps {
  collections: Pick<Collections, 'leads' | 'deals'>
  schema: Pick<Schema, 'properties'>
  crmFor: (partnerId: ObjectId) => Crm
}

/** A few recent values of properties, so that an admin sees what a mapping would carry. */
export function createSamples({ collections: { leads, deals }, schema, crmFor }: SamplesDeps) {
  /**
   * @param properties HubSpot's names; what the portal does not have is left out
   * @returns by property, up to three distinct values, shortened; newest first
   */
  return async function samples(
    partnerId: ObjectId,
    portalId: string,
    type: ObjectType,
    properties: readonly string[],
  ): Promise<Record<string, string[]>> {
    const known = new Set(
      (await schema.properties(partnerId, portalId, type)).map(property => property.name),
    )
    const wanted = [...new Set(properties)].filter(name => known.has(name))
    const filter = {
      partner_id: partnerId,
      portal_id: portalId,
      archived_at: null,
      hubspot_id: { $gt: '' },
    }
    const options = {
      projection: { hubspot_id: 1, remote: 1 },
      sort: { updated_at: -1, _id: -1 } as const,
      limit: recordsSeen,
      hint: 'newest_first',
    }
    const records =
      type === 'contacts'
        ? await leads.find(filter, options).toArray()
        : await deals.find(filter, options).toArray()
    const seen = records.map(record => record.remote ?? {})
    const unread = wanted.filter(name => !seen.some(values => Object.hasOwn(values, name)))
    const ids = records.slice(0, recordsAsked).flatMap(record => record.hubspot_id ?? [])
    const asked =
      unread.length === 0 || ids.length === 0
        ? []
        : (await askHubspot(() => crmFor(partnerId).batchRead(type, ids, unread))).results.map(
            record => record.properties,
          )
    return Object.fromEntries(
      wanted.map(name => [
        name,
        distinct(
          [...seen, ...asked].map(values => (Object.hasOwn(values, name) ? values[name] : null)),
        ),
      ]),
    )
  }
}

function distinct(values: readonly (string | null | undefined)[]): string[] {
  const texts = values.flatMap(value =>
    value ? [value.length > longestSample ? `${value.slice(0, longestSample - 1)}…` : value] : [],
  )
  return [...new Set(texts)].slice(0, samplesShown)
}
