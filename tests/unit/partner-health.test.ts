import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import type { FailureGroup } from '#shared/contracts/failures'
import type { DoctorCheck } from '#shared/contracts/insight'
import { texts } from '#shared/texts/en'
import { createPartnerHealth, type PartnerHealthDeps } from '../../server/doctor/partner-health'

const words = texts.health.answers
const check = (id: string, status: DoctorCheck['status'], fix: string | null = null) => ({
  id,
  status,
  message: `${id} is ${status}`,
  fix,
})

interface Found {
  portalId?: string | null
  checks?: DoctorCheck[]
  groups?: FailureGroup[]
  latest?: Date | null
}
/** What a partner is told, by what was found. */
async function told({
  portalId = '1',
  checks = [check('connection', 'pass'), check('portal', 'pass'), check('scopes', 'pass')],
  groups = [],
  latest = null,
}: Found = {}) {
  const { examine } = createPartnerHealth({
    collections: {
      partners: {
        findOne: async () => ({
          hubspot_integration: {
            status: portalId ? 'connected' : 'disconnected',
            portal_id: portalId,
          },
        }),
      },
    },
    examineConnection: async () => checks,
    failures: { list: async () => ({ groups }) },
    events: { latest: async () => latest, countPending: async () => 3 },
  } as unknown as PartnerHealthDeps)
  const { answers, notifications } = await examine(new ObjectId())
  return { ...Object.fromEntries(answers.map(one => [one.id, one])), notifications }
}

test('a healthy connection has four good answers and nothing to do', async () => {
  const at = new Date('2026-11-28T03:00:00.000Z')
  const answers = await told({ latest: at })
  expect(answers).toMatchObject({
    hubspot: { status: 'pass', fix: null, path: null },
    permissions: { status: 'pass' },
    notifications: { lastEventAt: at.toISOString(), waiting: 3 },
    records: { status: 'pass', message: words.noneFailed },
  })
})

test('what does not work says what to do and where', async () => {
  const answers = await told({
    checks: [
      check('connection', 'warn', 'Wait.'),
      check('portal', 'fail', 'Connect again.'),
      check('scopes', 'fail', 'Grant them.'),
    ],
    groups: [
      { cause: 'value_refused', count: 12, who: 'partner', fix: 'Correct it.', sample: [] },
      { cause: 'hubspot_unavailable', count: 2, who: 'hubspot', fix: 'Wait.', sample: [] },
    ],
  })
  expect(answers).toMatchObject({
    hubspot: { status: 'fail', fix: 'Connect again.', path: '/settings/hubspot' },
    permissions: { status: 'fail', fix: 'Grant them.' },
    records: { status: 'fail', fix: 'Correct it.', path: '/settings/hubspot/failures' },
  })
  expect(JSON.stringify(answers)).toContain('14 records could not be synced')
})

test('while HubSpot is not connected nothing is said to be good', async () => {
  const answers = await told({
    portalId: null,
    checks: [check('connection', 'skipped'), check('portal', 'skipped')],
  })
  expect(answers).toMatchObject({
    hubspot: { status: 'skipped' },
    permissions: { status: 'skipped', message: words.notConnected },
    notifications: { lastEventAt: null, waiting: 0 },
  })
})
