import type { ObjectId } from 'mongodb'
import type { AnyRecord } from '../../database/documents'
import type { Crm, CrmObject, ObjectType } from '../../hubspot/crm-types'
import { kindOfType } from '../../records/kinds'
import { factsOf, outsideOf, type Outside, type ScopeRules } from '../../records/scope'
import { outOfScope, withState } from '../../records/sync-state'
import type { Plan } from './page'
import { isOutdated } from './plan-record'

export interface ScopeCheckDeps {
  mapping: {
    /** @returns what is synced of the portal; `null`: everything */
    scopeFor(partnerId: ObjectId, portalId: string): Promise<ScopeRules | null>
  }
}

/** What of an account is asked, and by whom */
export interface ScopeTarget {
  partnerId: ObjectId
  portalId: string
  /** Asked which lists records are on. Without it no record counts as being on one */
  crm?: Pick<Crm, 'listsOf'>
}

/** Tells which of HubSpot's objects are outside of what a partner syncs. */
export function createScopeCheck({ mapping }: ScopeCheckDeps) {
  /** @returns why each object that is outside is not synced, by its id */
  return async function outsideAmong(
    { partnerId, portalId, crm }: ScopeTarget,
    type: ObjectType,
    objects: readonly CrmObject[],
  ): Promise<Map<string, Outside>> {
    const rules = objects.length === 0 ? null : await mapping.scopeFor(partnerId, portalId)
    if (rules === null) return new Map()
    const { name } = kindOfType(type)
    const needsLists = rules[name].listIds.length > 0
    const lists =
      needsLists && crm
        ? await crm.listsOf(
            type,
            objects.map(({ id }) => id),
          )
        : new Map<string, string[]>()
    return new Map(
      objects.flatMap(object => {
        const outside = outsideOf(rules, name, factsOf(object, lists.get(object.id) ?? []))
        return outside ? [[object.id, outside] as const] : []
      }),
    )
  }
}
export type OutsideAmong = ReturnType<typeof createScopeCheck>

/**
 * What it makes of our record that its object is outside: it stays as it is, and stops. Nothing that
 * HubSpot has of it is taken, so that both sides are merged from where they parted once it is back.
 */
export function planOutside<D extends AnyRecord>(
  stored: D,
  object: CrmObject,
  { rule, message }: Outside,
  now: Date,
): Plan<D> {
  const known = stored.sync.scope
  const isSame = known?.rule === rule && stored.sync.state === 'out_of_scope'
  if (isOutdated(stored, object) || (isSame && stored.archived_at === null))
    return { next: stored, outcome: 'unchanged', action: 'none', reports: [] }
  const since = isSame ? known.since : now
  const next = withState(
    {
      ...stored,
      archived_at: null,
      detached_at: null,
      updated_at: now,
      revision: stored.revision + 1,
    },
    outOfScope({ rule, message, since }),
  )
  return { next, outcome: 'updated', action: 'update', reports: [] }
}
