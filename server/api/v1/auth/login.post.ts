import { LoginBody, Me } from '#shared/contracts/account'
import { describeAccount } from '../../../accounts/describe'
import { clientAddress } from '../../../http/client-address'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'anyone', body: LoginBody, response: Me },
  async ({ event, services, body, signedIn, correlationId }) => {
    const { accounts, audit, configuration } = services
    const found = await accounts.signIn(
      body.email,
      body.password,
      clientAddress(event, configuration.trustedProxies),
    )
    const account = await accounts.account(found.id)
    if (signedIn) await accounts.sessions.close(event, signedIn.sessionId)
    await accounts.sessions.open(event, found)
    await audit.record({
      partnerId: found.partnerId,
      actor: userActor(account.user),
      action: 'signed_in',
      correlationId,
    })
    return describeAccount(account)
  },
)
