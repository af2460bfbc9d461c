import { setTimeout as delay } from 'node:timers/promises'
import type { z } from 'zod'
import { chunks } from './chunks'
import type { CallHubspot } from './crm-call'
import {
  afterOf,
  hasMoreAssociations,
  idsOfError,
  isComplete,
  nextCursor,
  saysNoAssociations,
  toObject,
  WireAssociations,
  WireBatch,
  WireHistories,
  type WireObject,
  WirePage,
  WireSearchPage,
} from './crm-answers'
import type { Crm, CrmObject, ObjectType } from './crm-types'
import { HubspotError } from './errors'
import {
  associationsBatchSize,
  batchSize,
  historyBatchSize,
  listPageSize,
  searchPageSize,
} from './limits'
import { idsNotFound, isWholeRead, type PartialRead } from './partial-read'
import { initialOf, latestOf, mapValues, type Histories } from './property-histories'

/** How long to wait before the rest of an incomplete answer is asked for again, ms */
const waitsForRestMs = [250, 1000, 2000]

type Reads = Pick<
  Crm,
  'listPage' | 'search' | 'batchRead' | 'changedAt' | 'initialValues' | 'associations'
>

/** Reads of records and their associations. */
export function createReads(call: CallHubspot, version: string): Reads {
  const objects = (type: ObjectType) => `/crm/objects/${version}/${type}`

  /** One batch. @returns whether HubSpot said something about every id that it was asked for */
  async function readAssociations(
    from: ObjectType,
    to: ObjectType,
    inputs: { id: string; after?: string }[],
  ) {
    const { data } = await call({
      method: 'POST',
      path: `/crm/associations/${version}/${from}/${to}/batch/read`,
      json: { inputs },
      schema: WireAssociations,
      api: `associations.${from}.read`,
      repeatable: true,
    })
    const errors = (data.errors ?? []).filter(error => !saysNoAssociations(error))
    const isWhole = isComplete(data) && errors.length === 0
    const answered = new Set([
      ...data.results.map(result => result.from.id),
      ...(data.errors ?? []).filter(saysNoAssociations).flatMap(idsOfError),
    ])
    for (const id of errors.flatMap(idsOfError)) answered.delete(id)
    return {
      results: data.results,
      open: isWhole ? [] : inputs.filter(({ id }) => !answered.has(id)),
    }
  }

  async function associations(
    from: ObjectType,
    to: ObjectType,
    ids: string[],
  ): Promise<Map<string, string[]>> {
    const found = new Map([...new Set(ids)].map(id => [id, new Set<string>()]))
    let pending: { id: string; after?: string }[] = [...found.keys()].map(id => ({ id }))
    let repeats = 0
    while (pending.length > 0) {
      const more: { id: string; after?: string }[] = []
      const unanswered: { id: string; after?: string }[] = []
      for (const inputs of chunks(pending, associationsBatchSize)) {
        const { results, open } = await readAssociations(from, to, inputs)
        unanswered.push(...open)
        for (const result of results) {
          const known = found.get(result.from.id)
          const before = known?.size ?? 0
          for (const { toObjectId } of result.to) known?.add(toObjectId)
          const after = afterOf(result)
          // A cursor that brings nothing new would never end.
          if (after !== null && known && known.size > before)
            more.push({ id: result.from.id, after })
        }
      }
      pending = more
      if (unanswered.length === 0) continue
      const waitMs = waitsForRestMs[repeats++]
      if (waitMs === undefined) for (const { id } of unanswered) found.delete(id)
      else {
        await delay(waitMs)
        pending.push(...unanswered)
      }
    }
    return new Map([...found].map(([id, set]) => [id, [...set]]))
  }

  /** A list page has the first associations of each record only: the others are read separately. */
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
        if (record.associations && cut.includes(record.id)) {
          const whole = all.get(record.id)
          // The first ones alone would look as if the others had been removed.
          if (whole) record.associations[to] = whole
          else delete record.associations[to]
        }
    }
    return records
  }

  /**
   * What HubSpot says of each record. Those that it said nothing about are asked for again, alone.
   * @param keyOf what a result was asked for by: its id, or the value of `idProperty`
   * @throws {HubspotError} `transient` when some stay without an answer
   */
  async function readWhole<R>(
    type: ObjectType,
    { ids, ...more }: { ids: readonly string[] } & Record<string, unknown>,
    schema: z.ZodType<PartialRead<R>>,
    keyOf: (result: R) => string,
  ): Promise<R[]> {
    const found = new Map<string, R>()
    let asked = ids
    for (const waitMs of [...waitsForRestMs, null]) {
      const { data: batch } = await call({
        method: 'POST',
        path: `${objects(type)}/batch/read`,
        json: { ...more, inputs: asked.map(id => ({ id })) },
        schema,
        api: `${type}.batch.read`,
        repeatable: true,
      })
      const fresh = batch.results.filter(result => !found.has(keyOf(result)))
      for (const result of fresh) found.set(keyOf(result), result)
      if (isWholeRead({ ...batch, results: fresh }, asked.length)) return [...found.values()]
      const gone = new Set(idsNotFound(batch))
      asked = asked.filter(id => !found.has(id) && !gone.has(id))
      if (asked.length === 0) return [...found.values()]
      if (waitMs !== null) await delay(waitMs)
    }
    throw new HubspotError({ kind: 'transient', status: 207, category: 'INCOMPLETE_ANSWER' })
  }

  /** The versions of these properties, by id. */
  async function histories(
    type: ObjectType,
    ids: readonly string[],
    properties: string[],
  ): Promise<Map<string, Histories>> {
    const found = new Map<string, Histories>()
    for (const part of chunks([...new Set(ids)], historyBatchSize)) {
      const asked = { ids: part, properties: [], propertiesWithHistory: properties }
      const results = await readWhole(type, asked, WireHistories, ({ id }) => id)
      for (const { id, propertiesWithHistory } of results)
        found.set(id, propertiesWithHistory ?? {})
    }
    return found
  }

  return {
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
      const { data: page } = await call({
        method: 'GET',
        path: objects(type),
        query,
        schema: WirePage,
        api: `${type}.list`,
        repeatable: true,
      })
      return {
        results: await withAllAssociations(type, page.results, asked),
        after: nextCursor(page, after),
      }
    },

    async search(type, { filters, sorts, properties = [], limit = searchPageSize, after }) {
      const json = {
        filterGroups: filters && filters.length > 0 ? [{ filters }] : [],
        ...(sorts ? { sorts } : {}),
        properties,
        limit,
        ...(after === undefined ? {} : { after }),
      }
      const { data: page } = await call({
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
        after: nextCursor(page, after),
      }
    },

    async batchRead(type, ids, properties, { idProperty } = {}) {
      const keyOf = (wire: WireObject) =>
        idProperty ? (wire.properties?.[idProperty]?.toLowerCase() ?? '') : wire.id
      // Values are compared without regard to case, as HubSpot compares addresses.
      const wanted = [...new Set(idProperty ? ids.map(id => id.toLowerCase()) : ids)]
      const results: CrmObject[] = []
      for (const part of chunks(wanted, batchSize)) {
        const asked = { ids: part, properties, ...(idProperty ? { idProperty } : {}) }
        const wires = await readWhole(type, asked, WireBatch, keyOf)
        results.push(...wires.map(wire => toObject(wire)))
      }
      const found = new Set(
        results.map(record =>
          idProperty ? record.properties[idProperty]?.toLowerCase() : record.id,
        ),
      )
      return {
        results,
        missing: wanted.filter(id => !found.has(id)),
      }
    },

    async changedAt(type, ids, properties, texts) {
      const found = await histories(type, ids, properties)
      return mapValues(found, (versions, id) => latestOf(versions, texts?.get(id)))
    },

    async initialValues(type, ids, properties) {
      return mapValues(await histories(type, ids, properties), versions => initialOf(versions))
    },

    associations,
  }
}
