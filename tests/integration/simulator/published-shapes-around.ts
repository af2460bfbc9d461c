import { z } from 'zod'
import { all, batchOf, Paging, texts, time } from './published-shapes-common'

/** Published answers about what is around records: owners, lists, webhooks, the account. */
const list = {
  listId: z.string(),
  listVersion: z.int(),
  name: z.string(),
  objectTypeId: z.string(),
  processingType: z.string(),
  processingStatus: z.string(),
  createdAt: time.optional(),
  updatedAt: time.optional(),
}
const List = z.strictObject({
  ...list,
  size: z.int().optional(),
  // Read from recorded answers of one list; the files have it in searches only.
  additionalProperties: texts.optional(),
})
const WebhookSubscription = z.strictObject({
  id: z.string(),
  eventType: z.string(),
  objectTypeId: z.string().optional(),
  propertyName: z.string().optional(),
  active: z.boolean(),
  createdAt: time,
  updatedAt: time.optional(),
})

export const aroundRecords = {
  owners: z.strictObject({
    results: z.array(
      z.strictObject({
        id: z.string(),
        type: z.enum(['PERSON', 'QUEUE']),
        email: z.string().optional(),
        firstName: z.string().optional(),
        lastName: z.string().optional(),
        userId: z.int().optional(),
        userIdIncludingInactive: z.int().optional(),
        createdAt: time,
        updatedAt: time,
        archived: z.boolean(),
        teams: z.array(z.unknown()).optional(),
      }),
    ),
    paging: Paging.optional(),
  }),
  list: z.strictObject({ list: List }),
  lists: z.strictObject({ lists: z.array(List) }),
  listSearch: z.strictObject({
    lists: z.array(z.strictObject({ ...list, additionalProperties: texts })),
    hasMore: z.boolean(),
    offset: z.int(),
    total: z.int(),
  }),
  memberships: z.strictObject({
    results: z.array(z.strictObject({ recordId: z.string(), membershipTimestamp: time })),
    total: z.int().optional(),
    paging: Paging.optional(),
  }),
  listsOfRecords: batchOf(
    z.strictObject({
      objectTypeId: z.string(),
      recordId: z.string(),
      recordListMemberships: z.array(
        z.strictObject({
          listId: z.string(),
          listVersion: z.int(),
          firstAddedTimestamp: time,
          lastAddedTimestamp: time,
          isPublicList: z.boolean().optional(),
        }),
      ),
    }),
  ),
  webhookSettings: z.strictObject({
    targetUrl: z.string(),
    throttling: z.strictObject({ maxConcurrentRequests: z.int() }),
    createdAt: time,
    updatedAt: time.optional(),
  }),
  webhookSubscription: WebhookSubscription,
  webhookSubscriptions: all(WebhookSubscription),
  account: z.strictObject({
    portalId: z.int(),
    accountType: z.string(),
    timeZone: z.string(),
    companyCurrency: z.string(),
    additionalCurrencies: z.array(z.string()),
    utcOffset: z.string(),
    utcOffsetMilliseconds: z.int(),
    uiDomain: z.string(),
    dataHostingLocation: z.string(),
  }),
}
