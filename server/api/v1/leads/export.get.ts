import { LeadsFilter } from '#shared/contracts/lists'
import { exportRecords } from '../../../http/export-records'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'export', perMinute: 60, of: 'person' },
    scope: 'leads:read',
    query: LeadsFilter,
  },
  async context => await exportRecords('leads', context),
)
