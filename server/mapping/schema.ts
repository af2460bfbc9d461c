import type { ObjectId } from 'mongodb'
import type { Storage } from 'unstorage'
import type { Clock } from '../config/clock'
import { DomainError } from '../errors'
import type {
  Crm,
  HubspotOwner,
  HubspotPipeline,
  HubspotProperty,
  ObjectType,
} from '../hubspot/crm-types'
import { askHubspot } from './hubspot-refusals'

export interface SchemaDeps {
  storage: Storage
  clock: Clock
  /** @throws {DomainError} when there is no usable grant */
  crmFor: (partnerId: ObjectId) => Crm
}

/** How long a cached answer is used. A new stage of HubSpot's shows after this at the latest. */
const freshMs = 60_000
/** Owners change rarely, and an account may have thousands. */
const ownersFreshMs = 10 * 60_000
const maxOwnerPages = 20
/** How long an old answer is used while HubSpot cannot be reached. */
const usableMs = 24 * 60 * 60_000

interface Cached<T> {
  at: number
  value: T
}

/** HubSpot's pipelines and properties of a portal, cached. */
export function createSchema({ storage, clock, crmFor }: SchemaDeps) {
  async function cached<T>(
    partnerId: ObjectId,
    portalId: string,
    what: string,
    isFresh: boolean,
    read: (crm: Crm) => Promise<T>,
    longestMs = freshMs,
  ): Promise<T> {
    const key = keyOf(partnerId, portalId, what)
    const known = await storage.getItem<Cached<T>>(key)
    const age = known ? clock().getTime() - known.at : Number.POSITIVE_INFINITY
    if (known && !isFresh && age >= 0 && age < longestMs) return known.value
    try {
      const value = await askHubspot(() => read(crmFor(partnerId)))
      await storage.setItem(key, { at: clock().getTime(), value })
      return value
    } catch (error) {
      const isAway =
        error instanceof DomainError &&
        (error.code === 'hubspot_unavailable' || error.code === 'hubspot_rate_limited')
      if (known && isAway && age < usableMs) return known.value
      throw error
    }
  }

  /** The last answer, however old, without asking. */
  async function remembered<T>(
    partnerId: ObjectId,
    portalId: string,
    what: string,
  ): Promise<T | null> {
    const known = await storage.getItem<Cached<T>>(keyOf(partnerId, portalId, what))
    return known?.value ?? null
  }

  async function allOwners(crm: Crm, archived: boolean): Promise<HubspotOwner[]> {
    const all: HubspotOwner[] = []
    let after: string | undefined
    for (let page = 0; page < maxOwnerPages; page++) {
      const answer = await crm.owners({ after, archived })
      all.push(...answer.results)
      if (answer.after === null) break
      after = answer.after
    }
    return all
  }

  return {
    /**
     * The owners that records can have, and behind them those whose user was deactivated: records
     * keep them (docs/hubspot-platform.md#schema). The caller makes sure that the grant allows to
     * ask.
     */
    async owners(partnerId: ObjectId, portalId: string): Promise<HubspotOwner[]> {
      const read = (what: string, archived: boolean) =>
        cached(partnerId, portalId, what, false, crm => allOwners(crm, archived), ownersFreshMs)
      const [present, former] = await Promise.all([
        read('owners', false),
        read('owners:archived', true),
      ])
      return [...present, ...former.filter(({ id }) => !present.some(one => one.id === id))]
    },
    /**
     * Pipelines and stages in HubSpot's order, archived ones left out. @param isFresh ask HubSpot
     * even if the answer is known
     */
    async pipelines(
      partnerId: ObjectId,
      portalId: string,
      isFresh = false,
    ): Promise<HubspotPipeline[]> {
      const all = await cached(partnerId, portalId, 'pipelines', isFresh, crm => crm.pipelines())
      return all
        .filter(pipeline => !pipeline.archived)
        .sort(byOrder)
        .map(pipeline => ({
          ...pipeline,
          stages: pipeline.stages.filter(stage => !stage.archived).sort(byOrder),
        }))
    },
    /**
     * Ids of what HubSpot still lists but has archived, as `pipeline id` and `pipeline id:stage
     * id`.
     */
    async archivedStages(partnerId: ObjectId, portalId: string): Promise<Set<string>> {
      const all = await cached(partnerId, portalId, 'pipelines', false, crm => crm.pipelines())
      return new Set(
        all.flatMap(pipeline => [
          ...(pipeline.archived ? [pipeline.id] : []),
          ...pipeline.stages
            .filter(stage => stage.archived || pipeline.archived)
            .map(stage => `${pipeline.id}:${stage.id}`),
        ]),
      )
    },
    /** As `properties`, from what is stored; `null` where nothing is. HubSpot is not asked. */
    async knownProperties(
      partnerId: ObjectId,
      portalId: string,
      type: ObjectType,
    ): Promise<HubspotProperty[] | null> {
      const all = await remembered<HubspotProperty[]>(partnerId, portalId, `properties:${type}`)
      return all?.filter(property => !property.archived) ?? null
    },
    /** As `pipelines`, archived ones included, from what is stored. HubSpot is not asked. */
    async knownPipelines(partnerId: ObjectId, portalId: string): Promise<HubspotPipeline[]> {
      return (await remembered<HubspotPipeline[]>(partnerId, portalId, 'pipelines')) ?? []
    },
    /** As `owners`, from what is stored. HubSpot is not asked. */
    async knownOwners(partnerId: ObjectId, portalId: string): Promise<HubspotOwner[]> {
      const [present, former] = await Promise.all(
        ['owners', 'owners:archived'].map(what =>
          remembered<HubspotOwner[]>(partnerId, portalId, what),
        ),
      )
      return [...(present ?? []), ...(former ?? [])]
    },
    async properties(
      partnerId: ObjectId,
      portalId: string,
      type: ObjectType,
      isFresh = false,
    ): Promise<HubspotProperty[]> {
      const all = await cached(partnerId, portalId, `properties:${type}`, isFresh, crm =>
        crm.properties(type),
      )
      return all.filter(property => !property.archived)
    },
  }
}
export type Schema = ReturnType<typeof createSchema>

/** An owner as people are shown it: by name, else by the e-mail address */
export function ownerName({ id, firstName, lastName, email }: HubspotOwner): string {
  return [firstName, lastName].filter(Boolean).join(' ') || (email ?? id)
}

const keyOf = (partnerId: ObjectId, portalId: string, what: string) =>
  `${partnerId.toHexString()}:${portalId}:${what}`

function byOrder(
  one: { displayOrder: number; id: string },
  other: { displayOrder: number; id: string },
): number {
  return one.displayOrder - other.displayOrder || (one.id < other.id ? -1 : 1)
}
