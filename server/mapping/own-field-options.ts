import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { KindName, OwnFieldDocument } from '../database/documents'
import { kinds } from '../records/kinds'
import { entryOf } from './own-field-presenter'
import { optionsOf } from './own-field-rules'
import type { OwnFieldsRepository } from './own-fields-repository'
import type { StoredField } from './repository'
import type { Schema } from './schema'

/**
 * The choices of a field as HubSpot offers them now. What it offers no more stays behind them:
 * records may hold it. Pure.
 */
export function followedOptions(
  present: OwnFieldDocument['options'],
  offered: OwnFieldDocument['options'],
): OwnFieldDocument['options'] {
  const values = new Set(offered.map(option => option.value))
  return [...offered, ...present.filter(option => !values.has(option.value))]
}

/**
 * Lets fields that are mapped to HubSpot's choices follow them: new choices, and new labels.
 * @throws as HubSpot cannot be asked
 */
export function createFollowOptions({
  repository,
  schema,
  clock,
}: {
  repository: Pick<OwnFieldsRepository, 'update'>
  schema: Pick<Schema, 'properties'>
  clock: Clock
}) {
  return async function followOptions(
    { partnerId, portalId }: { partnerId: ObjectId; portalId: string },
    own: Record<KindName, OwnFieldDocument[]>,
    entries: readonly StoredField[],
  ): Promise<void> {
    for (const field of [...own.lead, ...own.deal]) {
      const name = entryOf(entries, field)?.property
      if (name === undefined || (field.type !== 'choice' && field.type !== 'choices')) continue
      const all = await schema.properties(partnerId, portalId, kinds[field.object].hubspotType)
      const property = all.find(one => one.name === name)
      const offered = property ? optionsOf(field.type, property) : []
      if (offered.length === 0) continue
      const options = followedOptions(field.options, offered)
      if (JSON.stringify(options) !== JSON.stringify(field.options))
        await repository.update(field, { options }, clock())
    }
  }
}
