import type {
  CrmObject,
  Filter,
  ObjectType,
  SearchPage,
  SearchQuery,
} from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import { searchPageSize } from '../../hubspot/limits'

/**
 * Lets a page of a search through.
 * @throws {HubspotError} HubSpot contradicts itself: no result, though some match. To end there
 *   would lose them.
 */
export function consistent(page: SearchPage): SearchPage {
  if (page.results.length === 0 && page.after !== null && page.total > 0)
    throw new HubspotError({ kind: 'transient', category: 'EMPTY_PAGE' })
  return page
}

/** HubSpot names the modification date differently for contacts and for everything else. */
export const modifiedProperty: Record<ObjectType, string> = {
  contacts: 'lastmodifieddate',
  deals: 'hs_lastmodifieddate',
}

/**
 * How far a search for modified records has come. Plain data, so that it can be a checkpoint. Pages
 * are never asked for by offset: while somebody edits, records leave their places and an offset
 * would step over others. Each page asks again from the last instant seen, so no query comes near
 * the cap of 10,000 either.
 */
export interface SearchWindow {
  /** Epoch milliseconds, inclusive: where the next page begins */
  from: number
  /** Epoch milliseconds, inclusive; `null` for no end */
  until: number | null
  /** Ids at `from` that have been handed out already */
  seenAtFrom: string[]
  /**
   * More records share the instant `from` than fit a page: they are drained in the order of their
   * ids, after this one
   */
  tieAfter: string | null
}

export function openWindow(from: Date, until: Date | null = null): SearchWindow {
  return {
    from: Math.max(0, from.getTime()),
    until: until === null ? null : until.getTime(),
    seenAtFrom: [],
    tieAfter: null,
  }
}

export interface WindowQuery {
  filters: Filter[]
  sorts: NonNullable<SearchQuery['sorts']>
  limit: number
}

/** @returns the query of the window's next page, always to be asked from its beginning */
export function windowQuery(window: SearchWindow, property: string): WindowQuery {
  if (window.tieAfter !== null) {
    const instant = String(window.from)
    return {
      filters: [
        { propertyName: property, operator: 'GTE', value: instant },
        { propertyName: property, operator: 'LTE', value: instant },
        { propertyName: 'hs_object_id', operator: 'GT', value: window.tieAfter },
      ],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      limit: searchPageSize,
    }
  }
  const filters: Filter[] = [
    { propertyName: property, operator: 'GTE', value: String(window.from) },
  ]
  if (window.until !== null)
    filters.push({ propertyName: property, operator: 'LTE', value: String(window.until) })
  return {
    filters,
    sorts: [{ propertyName: property, direction: 'ASCENDING' }],
    limit: searchPageSize,
  }
}

export interface FoundRecord {
  id: string
  /** Epoch milliseconds */
  modifiedAt: number
}

export interface WindowStep {
  /** The window of the next page, or `null` when everything has been seen */
  next: SearchWindow | null
  /** Ids of this page that earlier pages have not handed out */
  fresh: Set<string>
}

/**
 * What follows from one page.
 * @param page its records in the order they came
 * @param hasMore whether HubSpot says that more match the query
 */
export function advanceWindow(
  window: SearchWindow,
  page: readonly FoundRecord[],
  hasMore: boolean,
): WindowStep {
  const known = new Set(window.seenAtFrom)
  const fresh = new Set(
    page
      .filter(record => record.modifiedAt !== window.from || !known.has(record.id))
      .map(record => record.id),
  )
  if (window.tieAfter !== null) {
    const last = greatestId(page)
    if (hasMore && isGreaterId(last, window.tieAfter))
      return { next: { ...window, tieAfter: last }, fresh }
    return { next: bounded(window.from + 1, window.until), fresh }
  }
  if (!hasMore || page.length === 0) return { next: null, fresh }
  const last = Math.max(window.from, ...page.map(record => record.modifiedAt))
  // One instant fills the page, and which of its records came was up to HubSpot: the drain by id
  // hands all of them out.
  if (last === window.from) return { next: { ...window, tieAfter: '0' }, fresh: new Set() }
  if (page.every(record => record.modifiedAt === last))
    return {
      next: { from: last, until: window.until, seenAtFrom: [], tieAfter: '0' },
      fresh: new Set(),
    }
  const next = bounded(last, window.until)
  return {
    next: next && {
      ...next,
      seenAtFrom: page.filter(record => record.modifiedAt === last).map(record => record.id),
    },
    fresh,
  }
}

function bounded(from: number, until: number | null): SearchWindow | null {
  return until !== null && from > until ? null : { from, until, seenAtFrom: [], tieAfter: null }
}

/** Ids are decimal numbers of any length: the longer one is the greater. */
export function isGreaterId(one: string, other: string): boolean {
  return one.length > other.length || (one.length === other.length && one > other)
}

function greatestId(page: readonly FoundRecord[]): string {
  return page.reduce((greatest, { id }) => (isGreaterId(id, greatest) ? id : greatest), '0')
}

/** @returns HubSpot's modification instant of a record, by the property that the search sorts by */
export function modifiedAtOf(type: ObjectType, record: CrmObject): number {
  const text = record.properties[modifiedProperty[type]]
  const parsed = text ? (/^\d+$/.test(text) ? Number(text) : Date.parse(text)) : Number.NaN
  return Number.isNaN(parsed) ? Date.parse(record.updatedAt) : parsed
}
