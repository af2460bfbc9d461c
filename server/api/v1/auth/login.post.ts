import { LoginBody, Me } from '#shared/contracts/account'
import { describeAccount } from '../../../accounts/describe'
import { requestOrigin } from '../../../http/client-address'
import { userActor } from '../../../database/audit'
import { hungUp } from '../../../http/hung-up'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'anyone', body: LoginBody, response: Me },
  async ({ event, services, body, signedIn }) => {
    const { accounts, audit, configuration } = services
    const from = requestOrigin(event, configuration.trustedProxies)
    const { knownBrowsers } = accounts
    const found = await accounts.signIn(body.email, body.password, {
      address: from.address ?? '',
      knownBrowser: knownBrowsers.find(event, body.email),
      signal: hungUp(event),
    })
    const account = await accounts.account(found.id)
    if (signedIn) await accounts.sessions.close(event, signedIn.sessionId)
    const sessionId = await accounts.sessions.open(event, found)
    knownBrowsers.remember(event, account.user.email)
    await audit.record({
      partnerId: found.partnerId,
      actor: userActor({ ...account, sessionId, from }),
      action: 'signed_in',
    })
    return describeAccount(account)
  },
)
