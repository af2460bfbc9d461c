import type { ObjectId } from 'mongodb'
import type { DoctorCheck } from '#shared/contracts/insight'
import type { Collections } from '../database/collections'
import { fieldTroubles } from '../mapping/field-checks'
import { pass, skipped, warn } from './check'

const id = 'field_mapping'

/** Whether mapped fields pause because HubSpot's property cannot be used, as seen by the last run. */
export async function examineFields(
  { fieldMappings }: Pick<Collections, 'fieldMappings'>,
  partnerId: ObjectId | null,
): Promise<DoctorCheck[]> {
  if (!partnerId) return [skipped(id, 'No partner was named.')]
  const drift = (await fieldMappings.findOne({ _id: partnerId }))?.seen?.drift
  if (!drift) return [skipped(id, 'No run has looked at the mapped properties yet.')]
  if (drift.length === 0) return [pass(id, 'Every mapped HubSpot property can be used.')]
  const names = drift.map(({ property, kind }) => `“${property}” ${fieldTroubles[kind]}`).join(', ')
  return [
    warn(
      id,
      `Paused, the rest of the records syncs: ${names}.`,
      'Undo the change in HubSpot, or map another property on the mapping page.',
    ),
  ]
}
