import { CeremonyOptions } from '#shared/contracts/passkeys'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'passkey_options', perMinute: 60, of: 'person' },
    withoutPasskey: true,
    response: CeremonyOptions,
  },
  async ({ services, signedIn }) => await services.passkeys.stepUpOptions(signedIn),
)
