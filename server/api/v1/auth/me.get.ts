import { Me } from '#shared/contracts/account'
import { describeAccount } from '../../../accounts/describe'
import { defineRoute } from '../../../http/define-route'

export default defineRoute({ role: 'member', withoutPasskey: true, response: Me }, ({ signedIn }) =>
  describeAccount(signedIn),
)
