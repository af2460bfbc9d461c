/**
 * The part of HubSpot's CRM that we read and write, as the rest of the server sees it: checked and
 * normalised, no paging links, no wire names.
 */

export type ObjectType = 'contacts' | 'deals'

/**
 * A contact or a deal. Values are HubSpot's texts: `null` for known but empty, absent for not asked
 * for.
 */
export interface CrmObject {
  id: string
  properties: Record<string, string | null>
  /** ISO 8601 */
  createdAt: string
  updatedAt: string
  archived: boolean
  archivedAt?: string
  /** Ids by type (`{ contacts: ['1', '2'] }`), each once; absent: not asked for */
  associations?: Record<string, string[]>
  /** When HubSpot was asked for them, by our clock: they have no date of their own */
  associationsReadAt?: Date
  /** ISO 8601, when the present value of a property was set; only where it was asked for */
  changedAt?: Record<string, string>
  /** The values that it began with; only where it was asked for */
  initial?: Record<string, string | null>
}

export interface CrmPage {
  results: CrmObject[]
  /** Opaque cursor of the next page, `null` on the last one */
  after: string | null
}

export interface SearchPage extends CrmPage {
  /** Everything that matches; HubSpot pages through the first 10,000 only */
  total: number
}

export interface ListQuery {
  /** At most 100, which is what is asked for unless told */
  limit?: number
  after?: string
  properties: string[]
  associations?: ObjectType[]
  archived?: boolean
}

export interface Filter {
  propertyName: string
  operator:
    | 'EQ'
    | 'NEQ'
    | 'LT'
    | 'LTE'
    | 'GT'
    | 'GTE'
    | 'BETWEEN'
    | 'IN'
    | 'NOT_IN'
    | 'HAS_PROPERTY'
    | 'NOT_HAS_PROPERTY'
    | 'CONTAINS_TOKEN'
    | 'NOT_CONTAINS_TOKEN'
  value?: string
  highValue?: string
  values?: string[]
}

export interface Sort {
  propertyName: string
  direction: 'ASCENDING' | 'DESCENDING'
}

export interface SearchQuery {
  /** All must hold */
  filters?: Filter[]
  /** HubSpot takes one */
  sorts?: Sort[]
  properties?: string[]
  /** At most 200, which is what is asked for unless told */
  limit?: number
  after?: string
}

/** Why HubSpot refused one input of a batch, with the words that explain it to a person. */
export interface RecordFailure {
  /**
   * HubSpot's own code of the first detail (`INVALID_EMAIL`, …), its category (`VALIDATION_ERROR`,
   * `CONFLICT`, `OBJECT_NOT_FOUND`), or `ANSWER_MISSING`
   */
  code: string
  message: string
  correlationId: string | null
  category: string | null
  /** The property that was refused, where HubSpot names one */
  property?: string
}

export type RecordOutcome = { ok: CrmObject } | { error: RecordFailure }

/** What became of each input, by its trace id. */
export type BatchResult = Map<string, RecordOutcome>

export interface NewAssociation {
  to: ObjectType
  id: string
}

export interface CreateInput {
  /** Ours, unique within the batch: how HubSpot tells inputs apart in its answer */
  traceId: string
  properties: Record<string, string | null>
  associations?: NewAssociation[]
}

export interface UpdateInput {
  id: string
  /** The id unless told */
  traceId?: string
  properties: Record<string, string | null>
}

export interface HubspotProperty {
  name: string
  label: string
  /**
   * `bool`, `enumeration`, `date`, `datetime`, `string`, `number`, `object_coordinates`, `json`,
   * `phone_number`, or one that is new
   */
  type: string
  fieldType: string
  groupName: string
  description: string
  options: { label: string; value: string; hidden: boolean; displayOrder: number }[]
  calculated: boolean
  hidden: boolean
  archived: boolean
  /** Values can be written: neither calculated nor read-only */
  writable: boolean
  hasUniqueValue: boolean
}

export interface HubspotStage {
  id: string
  label: string
  displayOrder: number
  archived: boolean
  /** 0 to 1, `null` when HubSpot does not say */
  probability: number | null
  isClosed: boolean
  /** Closed with probability 1 */
  isWon: boolean
  /** No app may move a deal to it (docs/hubspot-platform.md#schema) */
  isReadOnly: boolean
}

export interface HubspotPipeline {
  id: string
  label: string
  displayOrder: number
  archived: boolean
  stages: HubspotStage[]
}

export interface HubspotOwner {
  id: string
  email: string | null
  firstName: string | null
  lastName: string | null
  archived: boolean
}

/** A list of records, static or kept by filters. */
export interface HubspotList {
  id: string
  name: string
  /** `null` where HubSpot does not say */
  size: number | null
}

/** Who goes first when a portal's request budget is short: a person first, the backfill last. */
export type RequestPriority = 'interactive' | 'normal' | 'backfill'

/**
 * HubSpot's CRM for one partner. Every call waits for the portal's budget, carries a valid token,
 * repeats once after a 401, waits out a 429 and, where repeating is harmless, tries again after
 * transient trouble.
 * @throws {HubspotError} what HubSpot refused or could not do; DomainError of the connection when
 *   there is no usable grant
 */
export interface Crm {
  /**
   * The same for a caller that needs a lease: the lease is checked before each request, after all
   * waiting for a token, the budget or HubSpot. A process that was frozen in the meantime sends
   * nothing more.
   * @param stillHeld throws when the lease is not held any more; that reaches the caller
   */
  whileHolding(stillHeld: () => Promise<void>): Crm
  listPage(type: ObjectType, query: ListQuery): Promise<CrmPage>
  search(type: ObjectType, query: SearchQuery): Promise<SearchPage>
  /** Any number of ids, 100 a request. `missing`: HubSpot has no live record of that id. */
  batchRead(
    type: ObjectType,
    ids: string[],
    properties: string[],
    options?: { idProperty?: string },
  ): Promise<{ results: CrmObject[]; missing: string[] }>
  /**
   * When the present value of each of these properties was set, by id and property; what HubSpot
   * keeps no history of is absent. Any number of ids, 50 a request.
   * @param texts by id and property: when this text was set, though another one may have come since
   */
  changedAt(
    type: ObjectType,
    ids: string[],
    properties: string[],
    texts?: ReadonlyMap<string, Readonly<Record<string, string | null>>>,
  ): Promise<Map<string, Record<string, string>>>
  /**
   * The values that these properties had first, by id and property. What a person set first, or
   * HubSpot keeps no history of, is absent. Any number of ids, 50 a request.
   */
  initialValues(
    type: ObjectType,
    ids: string[],
    properties: string[],
  ): Promise<Map<string, Record<string, string | null>>>
  /**
   * At most 100 inputs. Never repeated after an unclear answer: the caller looks before it tries
   * again.
   */
  batchCreate(type: ObjectType, inputs: CreateInput[]): Promise<BatchResult>
  /** At most 100 inputs */
  batchUpdate(type: ObjectType, inputs: UpdateInput[]): Promise<BatchResult>
  /**
   * Ids of the associated `to` records by `from` id. A record without any has an empty list; one that
   * HubSpot gave no complete answer for is not in the map. Any number of ids, 1,000 a request.
   */
  associations(from: ObjectType, to: ObjectType, ids: string[]): Promise<Map<string, string[]>>
  associateDefault(from: ObjectType, fromId: string, to: ObjectType, toId: string): Promise<void>
  /**
   * Moves objects to HubSpot's recycling bin, up to 100. One that is there already, or that never
   * was, is no error.
   */
  batchArchive(type: ObjectType, ids: readonly string[]): Promise<void>
  removeAssociation(from: ObjectType, fromId: string, to: ObjectType, toId: string): Promise<void>
  properties(type: ObjectType): Promise<HubspotProperty[]>
  pipelines(): Promise<HubspotPipeline[]>
  /** @param query `archived`: those whose user was deactivated, in place of the others */
  owners(query?: {
    after?: string | undefined
    archived?: boolean
  }): Promise<{ results: HubspotOwner[]; after: string | null }>
  /** All lists of this kind of object; needs the scope `crm.lists.read`, as those below */
  lists(type: ObjectType): Promise<HubspotList[]>
  /** Those of the lists that exist and hold this kind of object. */
  listsById(type: ObjectType, ids: readonly string[]): Promise<HubspotList[]>
  /** Ids of the records on a list, in their order; 250 a page unless told */
  listMembers(
    listId: string,
    page?: { after?: string | undefined },
  ): Promise<{ ids: string[]; after: string | null }>
  /** The lists that each record is on, by its id. Any number of ids, 100 a request. */
  listsOf(type: ObjectType, ids: readonly string[]): Promise<Map<string, string[]>>
}
