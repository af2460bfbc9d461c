import { StepUpBody, SteppedUp } from '#shared/contracts/passkeys'
import { originOfSession, stepUpMs } from '../../../../accounts/step-up'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'step_up', perMinute: 60, of: 'person' },
    withoutPasskey: true,
    body: StepUpBody,
    response: SteppedUp,
  },
  async ({ services, signedIn, body }) => {
    const { accounts, audit, passkeys } = services
    if (body.assertion) await passkeys.stepUp(signedIn, body.assertion)
    else
      await accounts.confirmPassword(
        signedIn.user.email,
        body.password ?? '',
        originOfSession(signedIn),
      )
    const at = await accounts.sessions.prove(signedIn.sessionId)
    await audit.record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'stepped_up',
      details: { way: body.assertion ? 'passkey' : 'password' },
    })
    return { validUntil: new Date(at.getTime() + stepUpMs).toISOString() }
  },
)
