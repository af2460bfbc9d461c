import { objectTypes, type ObjectType } from '../data/object-types'
import type { Portal } from './portal'
import type { RecordView } from './record'

const property = 'lifecyclestage'

/**
 * A write by API moves the life cycle stage of a contact or company forward only, until it is cleared. A step back is
 * left out, and the answer is a success (docs/hubspot-platform.md#writes).
 */
export function withoutStepBack(
  portal: Portal,
  type: ObjectType,
  record: RecordView,
  values: Record<string, string | null>,
): Record<string, string | null> {
  const [from, to] = [record.value(property), values[property]]
  if (!objectTypes[type].hasLifecycle || !from || !to) return values
  const order = portal.property(type, property)?.options?.map(option => option.value) ?? []
  const [before, after] = [order.indexOf(from), order.indexOf(to)]
  if (before < 0 || after < 0 || after >= before) return values
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== property))
}
