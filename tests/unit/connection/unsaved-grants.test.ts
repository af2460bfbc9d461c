import { ObjectId } from 'mongodb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createUnsavedGrants } from '../../../server/connection/unsaved-grants'
import { createLog } from '../../../server/observability/log'

afterEach(() => void vi.restoreAllMocks())

const partnerId = new ObjectId()
const lease = { partnerId, owner: 'this process', fence: 3 } as never
const changes = { access_token: 'sealed', expires_in: 1800 } as never
const token = {
  accessToken: 'token',
  portalId: '1',
  tokenVersion: 8,
  expiresAt: new Date(Date.now() + 1_800_000),
}

/** Each try takes a second of the clock. The database takes the token with the given one. */
function setUp(takesAt: number, answer = true) {
  let tries = 0
  let nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  const settleLate = vi.fn(async () => {
    tries += 1
    if (tries < takesAt) throw new Error('The database is away')
    return answer
  })
  const grants = createUnsavedGrants({
    leases: { settleLate },
    clock: () => new Date(),
    log: createLog({ level: 'silent' }),
    wait: async () => void (nowMs += 1000),
  })
  return { grants, settleLate }
}

describe('a renewed token that the database did not take', () => {
  test('is stored, however long the database is away, and serves in the meantime', async () => {
    const { grants, settleLate } = setUp(200)
    grants.hold(lease, changes, token)
    expect(grants.find(partnerId)).toBe(token)
    await vi.waitFor(() => expect(settleLate).toHaveBeenCalledTimes(200))
    await vi.waitFor(() => expect(grants.find(partnerId)).toBeNull())
  })

  test('is given up once another grant was stored', async () => {
    const { grants, settleLate } = setUp(50, false)
    grants.hold(lease, changes, token)
    await vi.waitFor(() => expect(settleLate).toHaveBeenCalledTimes(50))
    await vi.waitFor(() => expect(grants.find(partnerId)).toBeNull())
  })

  test('is stored before the process ends', async () => {
    const settleLate = vi.fn(async () => true)
    const grants = createUnsavedGrants({
      leases: { settleLate },
      clock: () => new Date(),
      log: createLog({ level: 'silent' }),
      // The next try by itself would come too late.
      wait: () => new Promise(() => {}),
    })
    grants.hold(lease, changes, token)
    await grants.storeAll(4000)
    expect(settleLate).toHaveBeenCalledTimes(1)
  })
})
