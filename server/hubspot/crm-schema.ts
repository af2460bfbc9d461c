import type { CallHubspot } from './crm-call'
import {
  nextCursor,
  toOwner,
  toPipeline,
  toProperty,
  WireOwners,
  WirePipelines,
  WireProperties,
} from './crm-answers'
import type { Crm } from './crm-types'

type SchemaReads = Pick<Crm, 'properties' | 'pipelines' | 'owners'>

/** Reads of a portal's properties, pipelines and owners. */
export function createSchemaReads(call: CallHubspot, version: string): SchemaReads {
  return {
    async properties(type) {
      const {
        data: { results },
      } = await call({
        method: 'GET',
        path: `/crm/properties/${version}/${type}`,
        schema: WireProperties,
        api: `properties.${type}.list`,
        repeatable: true,
      })
      return results.map(toProperty)
    },

    async pipelines() {
      const {
        data: { results },
      } = await call({
        method: 'GET',
        path: `/crm/pipelines/${version}/deals`,
        schema: WirePipelines,
        api: 'pipelines.list',
        repeatable: true,
      })
      return results.map(toPipeline)
    },

    async owners({ after, archived } = {}) {
      const { data: page } = await call({
        method: 'GET',
        path: `/crm/owners/${version}`,
        query: { limit: '100', after, ...(archived ? { archived: 'true' } : {}) },
        schema: WireOwners,
        api: 'owners.list',
        repeatable: true,
      })
      return { results: page.results.map(toOwner), after: nextCursor(page, after) }
    },
  }
}
