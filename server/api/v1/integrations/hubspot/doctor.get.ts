import { Doctor } from '#shared/contracts/insight'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', limit: { name: 'doctor', perMinute: 60, of: 'partner' }, response: Doctor },
  ({ services, signedIn }) => services.doctor.examine(signedIn.partner.id),
)
