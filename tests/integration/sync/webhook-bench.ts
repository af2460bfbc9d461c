import { afterAll, beforeAll } from 'vitest'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { deliverBody, webhookEvent } from '../../support/webhooks'

/** An event of a contact's, with a value that must never be taken. */
export const event = (fields: Record<string, unknown> = {}) =>
  webhookEvent(100, { objectId: 7, propertyValue: 'evil', ...fields })

/** A portal of 60 contacts and 20 deals that came in; webhooks arrive at the route itself. */
export function useWebhookBench() {
  // Filled before the first test.
  const bench = {} as SyncBench
  beforeAll(async () => {
    Object.assign(bench, await startSyncBench({ simulator: { contacts: 60, deals: 20 } }))
    await bench.run()
  })
  afterAll(() => bench.stop())

  return {
    bench,
    /** Delivers that body, signed with `key` at `at` (milliseconds since 1970). */
    deliver: (
      body: string | Uint8Array,
      { at, key = bench.configuration.hubspot.clientSecret }: { at?: string; key?: string } = {},
    ) => deliverBody(bench.webhookUrl, key, body, at),
    /** How many events are stored */
    stored: () => bench.collections.webhookEvents.countDocuments({}),
    clear: () => bench.collections.webhookEvents.deleteMany({}),
  }
}
