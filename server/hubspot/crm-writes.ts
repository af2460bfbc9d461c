import type { CallHubspot } from './crm-call'
import { pairOutcomes, toRecordFailure, type SentInput } from './crm-outcomes'
import { WireBatch } from './crm-answers'
import type { BatchResult, Crm, NewAssociation, ObjectType } from './crm-types'
import { HubspotError } from './errors'
import { batchSize } from './limits'

type Writes = Pick<
  Crm,
  'batchCreate' | 'batchUpdate' | 'batchArchive' | 'associateDefault' | 'removeAssociation'
>

/** HubSpot's own association types. @see docs/hubspot-platform.md#associations */
const associationTypeId: Record<ObjectType, Partial<Record<ObjectType, number>>> = {
  contacts: { deals: 4 },
  deals: { contacts: 3 },
}

/** Writes of records and their associations. */
export function createWrites(call: CallHubspot, version: string): Writes {
  const objects = (type: ObjectType) => `/crm/objects/${version}/${type}`
  const segment = (id: string) => encodeURIComponent(id)

  async function sendBatch<I extends SentInput>(
    type: ObjectType,
    verb: 'create' | 'update',
    inputs: readonly I[],
    wire: (input: I) => unknown,
  ): Promise<BatchResult> {
    if (inputs.length > batchSize) throw new RangeError(`A batch takes ${batchSize} inputs at most`)
    return await sendInParts(inputs, async part => {
      const { data, headers } = await call({
        method: 'POST',
        path: `${objects(type)}/batch/${verb}`,
        json: { inputs: part.map(wire) },
        schema: WireBatch,
        api: `${type}.batch.${verb}`,
        repeatable: verb === 'update',
      })
      return pairOutcomes(part, data, headers.get('x-hubspot-correlation-id'))
    })
  }

  return {
    batchCreate: (type, inputs) =>
      sendBatch(type, 'create', inputs, ({ traceId, properties, associations: to }) => ({
        properties,
        associations: associationsOf(type, to),
        objectWriteTraceId: traceId,
      })),

    batchUpdate: (type, inputs) =>
      sendBatch(
        type,
        'update',
        inputs.map(input => ({ ...input, traceId: input.traceId ?? input.id })),
        ({ id, traceId, properties }) => ({ id, properties, objectWriteTraceId: traceId }),
      ),

    async batchArchive(type, ids) {
      if (ids.length > batchSize) throw new RangeError(`A batch takes ${batchSize} inputs at most`)
      if (ids.length === 0) return
      await call({
        method: 'POST',
        path: `${objects(type)}/batch/archive`,
        json: { inputs: ids.map(id => ({ id })) },
        api: `${type}.batch.archive`,
        repeatable: true,
      })
    },

    async associateDefault(from, fromId, to, toId) {
      await call({
        method: 'PUT',
        path: `${objects(from)}/${segment(fromId)}/associations/default/${to}/${segment(toId)}`,
        api: `associations.${from}.create`,
        repeatable: true,
      })
    },

    async removeAssociation(from, fromId, to, toId) {
      await call({
        method: 'DELETE',
        path: `${objects(from)}/${segment(fromId)}/associations/${to}/${segment(toId)}`,
        api: `associations.${from}.archive`,
        repeatable: true,
      })
    },
  }
}

function associationsOf(from: ObjectType, associations: readonly NewAssociation[] | undefined) {
  if (!associations || associations.length === 0) return undefined
  return associations.map(({ to, id }) => ({
    to: { id },
    types: [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: associationTypeId[from][to] },
    ],
  }))
}

/** Refusals that one record causes. Sent alone, it shows which one. */
const belongsToRecord = new Set<HubspotError['kind']>(['rejected', 'conflict', 'not_found'])

/**
 * Sends a batch. When HubSpot refuses all of it because of one record, it is halved until the record
 * is found. A refused batch wrote nothing.
 * @see docs/hubspot-platform.md#batches
 */
async function sendInParts<I extends SentInput>(
  inputs: readonly I[],
  send: (part: readonly I[]) => Promise<BatchResult>,
): Promise<BatchResult> {
  if (inputs.length === 0) return new Map()
  try {
    return await send(inputs)
  } catch (error) {
    if (!(error instanceof HubspotError) || !belongsToRecord.has(error.kind)) throw error
    const [first] = inputs
    if (inputs.length === 1 && first)
      return new Map([[first.traceId, { error: toRecordFailure(error) }]])
    const middle = Math.ceil(inputs.length / 2)
    const left = await sendInParts(inputs.slice(0, middle), send)
    return new Map([...left, ...(await sendInParts(inputs.slice(middle), send))])
  }
}
