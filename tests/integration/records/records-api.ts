import { afterAll, beforeAll } from 'vitest'
import type { Lead } from '#shared/contracts/leads'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from './routes'
import { aUser } from '../../support/users'

const password = 'a long enough password'

/** The routes of the records over HTTP, for two partners and one database. */
export interface RecordsApi {
  bench: SyncBench
  /** Calls as a user of the first partner */
  call: CallAs
  /** Calls as a user of the second partner */
  other: CallAs
  /** Makes a lead of the first partner's. */
  lead(values: object): Promise<Lead>
  /** One more partner, with one user. @returns calls as that user */
  anotherPartner(partnerName: string): Promise<CallAs>
}

/** Starts the routes before the tests of a file, and stops them after. */
export function useRecordsApi(): RecordsApi {
  let http: Awaited<ReturnType<typeof mountRoutes>>
  // Made before the first test.
  const later = {} as { bench: SyncBench; first: CallAs; second: CallAs }

  async function anotherPartner(partnerName: string): Promise<CallAs> {
    const email = `${partnerName.toLowerCase()}@example.test`
    await aUser(later.bench.services.database.collections, {
      partnerName,
      email,
      password,
      role: 'member',
    })
    return await http.as(email, password)
  }

  beforeAll(async () => {
    later.bench = await startSyncBench({ writeBack: false })
    http = await mountRoutes(later.bench.services, recordRoutes)
    later.first = await http.as('northwind@example.test', password)
    later.second = await anotherPartner('Contoso')
  })
  afterAll(async () => {
    await http.close()
    await later.bench.stop()
  })

  const call: CallAs = <T>(...input: Parameters<CallAs>) => later.first<T>(...input)
  return {
    get bench() {
      return later.bench
    },
    call,
    other: <T>(...input: Parameters<CallAs>) => later.second<T>(...input),
    lead: async values => (await call<Lead>('POST', '/api/v1/leads', values)).body,
    anotherPartner,
  }
}
