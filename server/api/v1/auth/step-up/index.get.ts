import { SteppedUp } from '#shared/contracts/passkeys'
import { stepUpMs } from '../../../../accounts/step-up'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', withoutPasskey: true, response: SteppedUp },
  ({ signedIn }) => ({
    validUntil: new Date((signedIn.provenAt?.getTime() ?? 0) + stepUpMs).toISOString(),
  }),
)
