import { CeremonyOptions } from '#shared/contracts/passkeys'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  {
    role: 'anyone',
    limit: { name: 'passkey_options', perMinute: 120, of: 'address' },
    response: CeremonyOptions,
    status: 201,
  },
  async ({ services }) => await services.passkeys.signInOptions(),
)
