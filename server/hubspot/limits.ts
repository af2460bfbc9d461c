/**
 * What HubSpot allows, and how far we stay away from it. Every number with its source.
 */

/**
 * The rolling window of the general limit, ms. Usage guidelines: 110 requests in 10 s per
 * installing account.
 * @see docs/hubspot-platform.md#limits
 */
export const generalWindowMs = 10_000
/** The window of the search limit, ms. Search the CRM: 5 requests a second per account. */
export const searchWindowMs = 1_000

/**
 * HubSpot counts arrivals, we count departures: a slow request and a fast one arrive closer together
 * than they left. Windows are counted longer by this much, so that such a difference never makes one
 * request too many, ms
 */
export const generalSpreadMs = 300
export const searchSpreadMs = 100
/**
 * A backfill that searches all the time sends one after the other, each this much later than its
 * share, ms. Of bursts two could arrive within one second; of these a fifth of a second may be lost
 * on the way.
 */
export const searchSpacingMs = 40

/**
 * Requests of a backfill use at most this part of a window: the rest is free for people and webhooks.
 * 106 of 110.
 */
export const backfillShare = 0.965
/** Scheduled work leaves a little as well: 108 of 110. */
export const normalShare = 0.985

/**
 * All apps of an account share its searches: a 429 means that another one searches as well. Then we
 * leave it most of them for this long, ms.
 */
export const cautiousMs = 60_000
/** Searches in one window of that time */
export const cautiousSearches = 2

/** `limit` of a list page. @see docs/hubspot-platform.md#lists */
export const listPageSize = 100
/** `limit` of a search page. @see docs/hubspot-platform.md#search */
export const searchPageSize = 200
/** Inputs of a CRM batch request. @see docs/hubspot-platform.md#batches */
export const batchSize = 100
/** `limit` of a page of a list's members. @see docs/hubspot-platform.md#lists-of-records */
export const listMembersPageSize = 250
/** `count` of a search for lists */
export const listSearchPageSize = 100
/**
 * Inputs of a batch read with `propertiesWithHistory`: past 50 HubSpot refuses ("supported in a
 * batch request for property histories", PipedreamHQ/pipedream#8462).
 */
export const historyBatchSize = 50
/**
 * Ids of an associations batch read: HubSpot takes 1,000; half of that keeps the answer small.
 * @see docs/hubspot-platform.md#associations
 */
export const associationsBatchSize = 500

/**
 * How long a 429 pauses a portal when `Retry-After` is absent, ms: HubSpot documents none for 429.
 * @see docs/hubspot-platform.md#limits
 */
export const pauseAfterTenSecondlyMs = 10_000
export const pauseAfterSecondlyMs = 1_000

/** 423 Locked: HubSpot asks to wait two seconds at least. @see docs/hubspot-platform.md#errors */
export const lockedWaitMs = 2_000
