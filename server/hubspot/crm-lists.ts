import { z } from 'zod'
import { chunks } from './chunks'
import { Id, isComplete, nextCursor, Paging } from './crm-answers'
import type { CallHubspot } from './crm-call'
import type { Crm, HubspotList, ObjectType } from './crm-types'
import { HubspotError } from './errors'
import { batchSize, listMembersPageSize, listSearchPageSize } from './limits'

/** HubSpot's lists of records, which it calls segments now (docs/hubspot-platform.md#lists-of-records). */

const Size = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number),
])
const WireList = z.object({
  listId: Id,
  name: z.string(),
  objectTypeId: z.string(),
  size: Size.nullish().catch(null),
  deletedAt: z.string().nullish(),
  additionalProperties: z
    .object({ hs_list_size: Size.nullish().catch(null) })
    .nullish()
    .catch(null),
})
const WireLists = z.object({ lists: z.array(WireList).max(1000) })
const WireFound = z.object({
  lists: z.array(WireList).max(1000),
  hasMore: z.boolean(),
  offset: z.number().int(),
})
const WireMembers = z.object({
  results: z.array(z.object({ recordId: Id })).max(1000),
  paging: Paging,
})
const WireMemberships = z.object({
  status: z.string().nullish(),
  results: z
    .array(
      z.object({
        recordId: Id,
        recordListMemberships: z.array(z.object({ listId: Id })).nullish(),
      }),
    )
    .max(1000),
  errors: z.array(z.unknown()).nullish(),
})

const objectTypeIds: Record<ObjectType, string> = { contacts: '0-1', deals: '0-3' }
const maxListPages = 20

type Lists = Pick<Crm, 'lists' | 'listsById' | 'listMembers' | 'listsOf'>

export function createListReads(call: CallHubspot, version: string): Lists {
  const path = (rest = '') => `/crm/lists/${version}${rest}`

  return {
    async lists(type) {
      const found: HubspotList[] = []
      let offset = 0
      for (let page = 0; page < maxListPages; page++) {
        const { data } = await call({
          method: 'POST',
          path: path('/search'),
          json: {
            offset,
            count: listSearchPageSize,
            objectTypeId: objectTypeIds[type],
            additionalProperties: ['hs_list_size'],
          },
          schema: WireFound,
          api: 'lists.search',
          repeatable: true,
        })
        found.push(...data.lists.flatMap(list => toList(list, type)))
        if (!data.hasMore || data.offset <= offset) break
        offset = data.offset
      }
      return found
    },

    async listsById(type, ids) {
      if (ids.length === 0) return []
      const query = ids.map(id => `listIds=${encodeURIComponent(id)}`).join('&')
      const { data } = await call({
        method: 'GET',
        path: `${path()}?${query}`,
        schema: WireLists,
        api: 'lists.get',
        repeatable: true,
      })
      return data.lists.flatMap(list => toList(list, type))
    },

    async listMembers(listId, { after } = {}) {
      const { data: page } = await call({
        method: 'GET',
        path: path(`/${encodeURIComponent(listId)}/memberships`),
        query: { limit: String(listMembersPageSize), after },
        schema: WireMembers,
        api: 'lists.memberships',
        repeatable: true,
      })
      return {
        ids: page.results.map(({ recordId }) => recordId),
        after: nextCursor(page, after),
      }
    },

    async listsOf(type, ids) {
      const found = new Map(ids.map(id => [id, [] as string[]]))
      for (const part of chunks([...found.keys()], batchSize)) {
        const inputs = part.map(recordId => ({ objectTypeId: objectTypeIds[type], recordId }))
        const { data } = await call({
          method: 'POST',
          path: path('/records/memberships/batch/read'),
          json: { inputs },
          schema: WireMemberships,
          api: 'lists.memberships.batch.read',
          repeatable: true,
        })
        // What was not answered must not look like a record that left its lists.
        if (!isComplete(data) || (data.errors?.length ?? 0) > 0)
          throw new HubspotError({ kind: 'transient', status: 207, category: 'INCOMPLETE_ANSWER' })
        for (const { recordId, recordListMemberships } of data.results)
          found.set(
            recordId,
            (recordListMemberships ?? []).map(({ listId }) => listId),
          )
      }
      return found
    },
  }
}

function toList(list: z.infer<typeof WireList>, type: ObjectType): HubspotList[] {
  if (list.objectTypeId !== objectTypeIds[type] || list.deletedAt) return []
  const size = list.size ?? list.additionalProperties?.hs_list_size ?? null
  return [{ id: list.listId, name: list.name, size }]
}
