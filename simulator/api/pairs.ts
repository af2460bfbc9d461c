import type { ObjectType } from '../data/object-types'
import { invalidInput, type ErrorDetail } from '../http'
import type { Typed } from '../store/changes'
import type { Portal } from '../store/portal'
import type { RecordView } from '../store/record'
import type { ApiCall } from './call'
import { objectName } from './writes'

/** The record, unless there is none or it is archived. */
export function liveRecord(portal: Portal, type: ObjectType, id: string): RecordView | null {
  const record = portal.store(type).view(portal.store(type).indexOf(id))
  return record?.archivedAt === null ? record : null
}

/**
 * Two live records that may be associated.
 * @throws {RefusedRequest} 400 that names those that are not there, or when one of two has as many
 *   associations as it may have
 */
export function existingPair(
  call: ApiCall,
  [from, id]: [ObjectType, string],
  [to, toId]: [ObjectType, string],
): [Typed, Typed] {
  const a = liveRecord(call.portal, from, id)
  const b = liveRecord(call.portal, to, toId)
  if (a && b) return withinLimit(call, { type: from, record: a }, { type: to, record: b })
  const missing: ErrorDetail[] = [
    ...(a ? [] : [{ message: `${objectName(from)}=${id} is not valid` }]),
    ...(b ? [] : [{ message: `${objectName(to)}=${toId} is not valid` }]),
  ]
  throw invalidInput('One or more associations are not valid', missing)
}

function withinLimit({ portal, world }: ApiCall, a: Typed, b: Typed): [Typed, Typed] {
  const most = world.settings.associationsPerRecord
  const ofA = portal.associated(a.type, a.record.index, b.type)
  if (most === null || ofA.includes(b.record.id)) return [a, b]
  const ofB = portal.associated(b.type, b.record.index, a.type)
  if (ofA.length < most && ofB.length < most) return [a, b]
  throw invalidInput(`The limit of ${most} associations of a record is reached`, [
    { message: 'Association limit exceeded', code: 'LIMIT_EXCEEDED' },
  ])
}
