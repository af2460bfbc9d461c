import { Doctor } from '#shared/contracts/insight'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', limit: { name: 'doctor', perMinute: 60, of: 'partner' }, response: Doctor },
  ({ services, signedIn }) => {
    // Whoever reads this on the machine itself runs the installation.
    const isHere = new URL(services.configuration.origin).hostname === 'localhost'
    return services.doctor.examine(signedIn.partner.id, isHere ? 'operator' : 'partner')
  },
)
