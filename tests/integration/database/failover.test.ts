import process from 'node:process'
import { expect, test } from 'vitest'
import { whyNoStepDowns } from '../../../scripts/soak/database-faults'
import { testDatabase } from '../../support/mongo'

/** `npm run test:soak -- failover` asks this before it starts anything. */
test.skipIf(process.env.TEST_MONGODB_URI)(
  'the failover soak says why a database cannot be had to step down',
  async () => {
    expect(await whyNoStepDowns(undefined)).toContain('set TEST_MONGODB_URI')
    expect(await whyNoStepDowns('localhost')).toContain('cannot be used')
    expect(await whyNoStepDowns((await testDatabase()).uri)).toContain('no replica set')
  },
)
