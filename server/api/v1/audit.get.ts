import { getRequestHeader } from 'h3'
import { AuditList, AuditQuery } from '#shared/contracts/audit'
import { defineRoute } from '../../http/define-route'
import { sendAuditCsv } from '../../http/export-audit'
import { countRequest, type RequestLimit } from '../../http/count-request'

const exportLimit: RequestLimit = { name: 'export', perMinute: 60, of: 'person' }

export default defineRoute(
  { role: 'admin', query: AuditQuery, response: AuditList },
  async ({ event, services, signedIn, query }) => {
    if (/\btext\/csv\b/i.test(getRequestHeader(event, 'accept') ?? '')) {
      await countRequest(event, services, signedIn, exportLimit)
      await sendAuditCsv(event, services, signedIn, query)
      return { items: [], nextCursor: null, total: null }
    }
    return await services.auditList.list(signedIn.partner.id, query)
  },
)
