import type { ErrorBody } from '../http'
import type { World } from '../world'

/** Categories that a refused input of a batch may have (docs/hubspot-platform.md#batches). */
const messages: Record<string, string> = {
  VALIDATION_ERROR: 'Property values were not valid',
  RATE_LIMITS: 'You have reached your secondly limit.',
  CONFLICT: 'The record was changed by another request',
  OBJECT_NOT_FOUND: 'Could not get the object, it may be deleted or not exist',
  INTERNAL_ERROR: 'internal error',
}

/** With `batchRefusals`: the error against this input, now and then; null lets it pass. */
export function refusalByChance({ settings, random }: World): ErrorBody | null {
  const wanted = settings.batchRefusals
  if (!wanted || random() * 100 >= wanted.percent) return null
  const { category, subCategory } = wanted
  const name = `crm.objects.${category}`
  return {
    category,
    message: messages[category] ?? category,
    ...(subCategory === 'text' ? { subCategory: name } : {}),
    ...(subCategory === 'object' ? { subCategory: { name, group: 'crm' } } : {}),
  }
}
