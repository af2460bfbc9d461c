import { LoginBody, Me } from '#shared/contracts/account'
import { SecondFactorRequired } from '../../../accounts/errors'
import { noteTriedAccount } from '../../../http/note-refusal'
import { completeSignIn, signInOrigin } from '../../../http/complete-sign-in'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'anyone', body: LoginBody, response: Me },
  async ({ event, services, body, signedIn }) => {
    const { accounts, passkeys } = services
    noteTriedAccount(event, body.email)
    const origin = signInOrigin(event, services, body.email)
    const found = await accounts.signIn(body.email, body.password, origin)
    if (await passkeys.has(found.id)) throw new SecondFactorRequired()
    return await completeSignIn({ event, services, signedIn }, found, 'password')
  },
)
