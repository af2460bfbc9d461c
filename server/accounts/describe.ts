import type { Me } from '#shared/contracts/account'
import type { SignedIn } from './sessions'

/** @returns who is signed in, as the API says it */
export function describeAccount({ user, partner }: Pick<SignedIn, 'user' | 'partner'>): Me {
  return {
    user: { id: user.id.toHexString(), email: user.email, role: user.role },
    partner: { id: partner.id.toHexString(), name: partner.name },
  }
}
