import type { Me } from '#shared/contracts/account'
import type { SignedIn } from './sessions'
import { stepUpMs } from './step-up'

/** @returns who is signed in, as the API says it */
export function describeAccount({
  user,
  partner,
  mustAddPasskey = false,
  provenAt = new Date(0),
}: Pick<SignedIn, 'user' | 'partner' | 'mustAddPasskey' | 'provenAt'>): Me {
  return {
    user: { id: user.id.toHexString(), email: user.email, role: user.role, mustAddPasskey },
    partner: { id: partner.id.toHexString(), name: partner.name },
    provenUntil: new Date(provenAt.getTime() + stepUpMs).toISOString(),
  }
}
