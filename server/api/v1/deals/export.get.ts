import { NoQuery } from '#shared/contracts/primitives'
import { exportRecords } from '../../../http/export-records'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', query: NoQuery },
  async context => await exportRecords('deals', context),
)
