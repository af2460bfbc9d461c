import type { ApiVersion } from '../config/configuration'
import { createCall, type Call, type CallDeps, type CallSettings } from './crm-call'
import { pairOutcomes, sendInParts, type SentInput } from './crm-batch'
import {
  afterOf,
  hasMoreAssociations,
  toObject,
  toOwner,
  toPipeline,
  toProperty,
  WireAssociations,
  WireBatch,
  WireHistories,
  WireObject,
  WireOwners,
  WirePage,
  WirePipelines,
  WireProperties,
  WireSearchPage,
} from './crm-schemas'
import type {
  BatchResult,
  CreateInput,
  Crm,
  CrmObject,
  NewAssociation,
  ObjectType,
  RequestPriority,
  SearchQuery,
  UpdateInput,
} from './crm-types'
import { HubspotError } from './errors'
import { associationsBatchSize, batchSize, historyBatchSize, listPageSize } from './limits'

export interface CrmDeps<Partner> extends CallDeps<Partner> {
  configuration: { hubspot: { apiVersion: ApiVersion } }
  /** Waits between the tries of a harmless call, ms */
  retryDelaysMs?: readonly number[]
}

export interface CrmOptions {
  priority?: RequestPriority
  signal?: AbortSignal
  beforeLeaving?(): Promise<void>
}

const defaultRetryDelaysMs = [300, 900, 2700]
/**
 * How long a call waits for the portal's budget before it says so, ms: a person's page, and work in
 * the background
 */
const maxWaitMs: Record<RequestPriority, number> = {
  interactive: 15_000,
  normal: 120_000,
  backfill: 120_000,
}

/** HubSpot's own association types (hubspot.md §2.6). */
const associationTypeId: Record<ObjectType, Partial<Record<ObjectType, number>>> = {
  contacts: { deals: 4 },
  deals: { contacts: 3 },
}

const segment = (id: string) => encodeURIComponent(id)

function associationsOf(from: ObjectType, associations: readonly NewAssociation[] | undefined) {
  if (!associations || associations.length === 0) return undefined
  return associations.map(({ to, id }) => ({
    to: { id },
    types: [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: associationTypeId[from][to] },
    ],
  }))
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** The newest instant of each property's versions, whatever order they come in. */
function latestOf(histories: Record<string, { timestamp: string }[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(histories).flatMap(([property, versions]) => {
      const instants = versions
        .map(version => Date.parse(version.timestamp))
        .filter(Number.isFinite)
      return instants.length === 0
        ? []
        : [[property, new Date(Math.max(...instants)).toISOString()]]
    }),
  )
}

/** HubSpot's CRM over its dated paths (hubspot.md §2.1). `Crm` says what each function does. */
export function createCrm<Partner>({
  configuration,
  retryDelaysMs = defaultRetryDelaysMs,
  ...deps
}: CrmDeps<Partner>) {
  const version = configuration.hubspot.apiVersion
  const call = createCall(deps)
  const objects = (type: ObjectType) => `/crm/objects/${version}/${type}`

  /** @param options whose budget the calls come from, and when to give up */
  function forPartner(
    partnerId: Partner,
    { priority = 'normal', signal, beforeLeaving }: CrmOptions = {},
  ): Crm {
    const settings: CallSettings<Partner> = {
      partnerId,
      priority,
      signal,
      beforeLeaving,
      maxWaitMs: maxWaitMs[priority],
      retryDelaysMs,
    }
    const ask = async <T>(request: Call<T>) => (await call(request, settings)).data

    async function associations(
      from: ObjectType,
      to: ObjectType,
      ids: string[],
    ): Promise<Map<string, string[]>> {
      const found = new Map([...new Set(ids)].map(id => [id, new Set<string>()]))
      let pending: { id: string; after?: string }[] = [...found.keys()].map(id => ({ id }))
      while (pending.length > 0) {
        const more: { id: string; after?: string }[] = []
        for (const inputs of chunks(pending, associationsBatchSize)) {
          const { results } = await ask({
            method: 'POST',
            path: `/crm/associations/${version}/${from}/${to}/batch/read`,
            json: { inputs },
            schema: WireAssociations,
            api: `associations.${from}.read`,
            repeatable: true,
          })
          for (const result of results) {
            const known = found.get(result.from.id)
            const before = known?.size ?? 0
            for (const { toObjectId } of result.to) known?.add(toObjectId)
            const after = afterOf(result)
            // A cursor that brings nothing new would go round for ever.
            if (after !== null && known && known.size > before)
              more.push({ id: result.from.id, after })
          }
        }
        pending = more
      }
      return new Map([...found].map(([id, set]) => [id, [...set]]))
    }

    /**
     * A list page carries the first associations of each record only; whoever has more is asked for
     * separately.
     */
    async function withAllAssociations(
      type: ObjectType,
      wires: WireObject[],
      asked: readonly ObjectType[],
    ): Promise<CrmObject[]> {
      const records = wires.map(wire => toObject(wire, asked))
      for (const to of asked) {
        const cut = wires.filter(wire => hasMoreAssociations(wire, to)).map(wire => wire.id)
        if (cut.length === 0) continue
        const all = await associations(type, to, cut)
        for (const record of records)
          if (record.associations)
            record.associations[to] = all.get(record.id) ?? record.associations[to] ?? []
      }
      return records
    }

    /** @throws {HubspotError} for a cursor that stands still: following it would never end */
    function advanced(after: string | null, asked: string | undefined): string | null {
      if (after !== null && after === asked)
        throw new HubspotError({ kind: 'transient', status: 200, category: 'CURSOR_STANDS_STILL' })
      return after
    }

    async function sendBatch<I extends SentInput>(
      type: ObjectType,
      verb: 'create' | 'update',
      inputs: readonly I[],
      wire: (input: I) => unknown,
    ): Promise<BatchResult> {
      if (inputs.length > batchSize)
        throw new RangeError(`A batch takes ${batchSize} inputs at most`)
      return await sendInParts(inputs, async part => {
        const { data, headers } = await call(
          {
            method: 'POST',
            path: `${objects(type)}/batch/${verb}`,
            json: { inputs: part.map(wire) },
            schema: WireBatch,
            api: `${type}.batch.${verb}`,
            repeatable: verb === 'update',
          },
          settings,
        )
        return pairOutcomes(part, data, headers.get('x-hubspot-correlation-id'))
      })
    }

    return {
      whileHolding: stillHeld =>
        forPartner(partnerId, { priority, signal, beforeLeaving: stillHeld }),

      async portalId() {
        return (await deps.tokens.getValidAccessToken(partnerId)).portalId
      },

      async listPage(
        type,
        { limit = listPageSize, after, properties, associations: asked = [], archived = false },
      ) {
        const query = {
          limit: String(limit),
          after,
          properties: properties.join(','),
          associations: asked.length > 0 ? asked.join(',') : undefined,
          archived: archived ? 'true' : undefined,
        }
        const page = await ask({
          method: 'GET',
          path: objects(type),
          query,
          schema: WirePage,
          api: `${type}.list`,
          repeatable: true,
        })
        return {
          results: await withAllAssociations(type, page.results, asked),
          after: advanced(afterOf(page), after),
        }
      },

      async search(
        type,
        { filters, filterGroups, sorts, properties = [], limit = 200, after }: SearchQuery,
      ) {
        const json = {
          filterGroups: filterGroups ?? (filters && filters.length > 0 ? [{ filters }] : []),
          ...(sorts ? { sorts } : {}),
          properties,
          limit,
          ...(after === undefined ? {} : { after }),
        }
        const page = await ask({
          method: 'POST',
          path: `${objects(type)}/search`,
          json,
          schema: WireSearchPage,
          api: `${type}.search`,
          budget: 'search',
          repeatable: true,
        })
        return {
          total: page.total,
          results: page.results.map(wire => toObject(wire)),
          after: advanced(afterOf(page), after),
        }
      },

      async batchRead(type, ids, properties, { idProperty } = {}) {
        const wanted = [...new Set(ids)]
        const results: CrmObject[] = []
        for (const part of chunks(wanted, batchSize)) {
          const json = {
            properties,
            ...(idProperty ? { idProperty } : {}),
            inputs: part.map(id => ({ id })),
          }
          const batch = await ask({
            method: 'POST',
            path: `${objects(type)}/batch/read`,
            json,
            schema: WireBatch,
            api: `${type}.batch.read`,
            repeatable: true,
          })
          // Anything else than "not there" must not look like a record that is gone.
          if (batch.errors?.some(error => error.category !== 'OBJECT_NOT_FOUND'))
            throw new HubspotError({
              kind: 'transient',
              status: 207,
              category: 'INCOMPLETE_ANSWER',
            })
          results.push(...batch.results.map(wire => toObject(wire)))
        }
        const found = new Set(
          results.map(record =>
            idProperty ? record.properties[idProperty]?.toLowerCase() : record.id,
          ),
        )
        return {
          results,
          missing: wanted.filter(id => !found.has(idProperty ? id.toLowerCase() : id)),
        }
      },

      async changedAt(type, ids, properties) {
        const found = new Map<string, Record<string, string>>()
        for (const part of chunks([...new Set(ids)], historyBatchSize)) {
          const json = {
            properties: [],
            propertiesWithHistory: properties,
            inputs: part.map(id => ({ id })),
          }
          const { results } = await ask({
            method: 'POST',
            path: `${objects(type)}/batch/read`,
            json,
            schema: WireHistories,
            api: `${type}.batch.read`,
            repeatable: true,
          })
          for (const { id, propertiesWithHistory } of results)
            found.set(id, latestOf(propertiesWithHistory ?? {}))
        }
        return found
      },

      batchCreate: (type, inputs: CreateInput[]) =>
        sendBatch(type, 'create', inputs, ({ traceId, properties, associations: to }) => ({
          properties,
          associations: associationsOf(type, to),
          objectWriteTraceId: traceId,
        })),

      batchUpdate: (type, inputs: UpdateInput[]) =>
        sendBatch(
          type,
          'update',
          inputs.map(input => ({ ...input, traceId: input.traceId ?? input.id })),
          ({ id, traceId, properties }) => ({ id, properties, objectWriteTraceId: traceId }),
        ),

      async create(type, properties, to) {
        return toObject(
          await ask({
            method: 'POST',
            path: objects(type),
            json: { properties, associations: associationsOf(type, to) },
            schema: WireObject,
            api: `${type}.create`,
            repeatable: false,
          }),
        )
      },

      async update(type, id, properties) {
        return toObject(
          await ask({
            method: 'PATCH',
            path: `${objects(type)}/${segment(id)}`,
            json: { properties },
            schema: WireObject,
            api: `${type}.update`,
            repeatable: true,
          }),
        )
      },

      async get(
        type,
        id,
        properties,
        { associations: asked = [], archived = false, idProperty } = {},
      ) {
        const query = {
          properties: properties.join(','),
          associations: asked.length > 0 ? asked.join(',') : undefined,
          archived: archived ? 'true' : undefined,
          idProperty,
        }
        const wire = await ask({
          method: 'GET',
          path: `${objects(type)}/${segment(id)}`,
          query,
          schema: WireObject,
          api: `${type}.get`,
          repeatable: true,
        })
        const [record] = await withAllAssociations(type, [wire], asked)
        return record ?? toObject(wire, asked)
      },

      async archive(type, id) {
        await ask({
          method: 'DELETE',
          path: `${objects(type)}/${segment(id)}`,
          api: `${type}.archive`,
          repeatable: true,
        })
      },

      associations,

      async associateDefault(from, fromId, to, toId) {
        await ask({
          method: 'PUT',
          path: `${objects(from)}/${segment(fromId)}/associations/default/${to}/${segment(toId)}`,
          api: `associations.${from}.create`,
          repeatable: true,
        })
      },

      async removeAssociation(from, fromId, to, toId) {
        await ask({
          method: 'DELETE',
          path: `${objects(from)}/${segment(fromId)}/associations/${to}/${segment(toId)}`,
          api: `associations.${from}.archive`,
          repeatable: true,
        })
      },

      async properties(type) {
        const { results } = await ask({
          method: 'GET',
          path: `/crm/properties/${version}/${type}`,
          schema: WireProperties,
          api: `properties.${type}.list`,
          repeatable: true,
        })
        return results.map(toProperty)
      },

      async pipelines() {
        const { results } = await ask({
          method: 'GET',
          path: `/crm/pipelines/${version}/deals`,
          schema: WirePipelines,
          api: 'pipelines.list',
          repeatable: true,
        })
        return results.map(toPipeline)
      },

      async owners({ after } = {}) {
        const page = await ask({
          method: 'GET',
          path: `/crm/owners/${version}`,
          query: { limit: '100', after },
          schema: WireOwners,
          api: 'owners.list',
          repeatable: true,
        })
        return { results: page.results.map(toOwner), after: advanced(afterOf(page), after) }
      },
    }
  }

  return { forPartner }
}
