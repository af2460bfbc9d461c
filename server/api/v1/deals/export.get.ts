import { NoQuery } from '../../../../shared/contracts/primitives'
import { exportRecords } from '../../../utils/export-records'
import { defineRoute } from '../../../utils/define-route'

export default defineRoute(
  { role: 'member', query: NoQuery },
  async context => await exportRecords('deals', context),
)
