import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { Crm, ObjectType } from '../hubspot/crm-types'
import { kindOfType } from '../records/kinds'
import { recentlyChanged } from '../records/repository/recent'
import { askHubspot } from './hubspot-refusals'
import type { Schema } from './schema'

/** Of the records changed last, this many are searched for values */
const recordsSeen = 50
const samplesShown = 3
const longestSample = 60
/** This many are read from HubSpot for properties that were never read before */
const recordsAsked = 20

export interface SamplesDeps {
  collections: Pick<Collections, 'leads' | 'deals'>
  schema: Pick<Schema, 'properties'>
  crmFor: (partnerId: ObjectId) => Crm
}

/** A few recent values of properties, so that an admin sees what a mapping would carry. */
export function createSamples({ collections, schema, crmFor }: SamplesDeps) {
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
    const kind = kindOfType(type)
    const records = await recentlyChanged(collections, kind, partnerId, portalId, recordsSeen)
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
