import type { Me } from '#shared/contracts/account'
import type { SignedIn } from './sessions'

/** @returns who is signed in, as the API says it */
export function describeAccount({
  user,
  partner,
  mustAddPasskey = false,
}: Pick<SignedIn, 'user' | 'partner' | 'mustAddPasskey'>): Me {
  return {
    user: {
      id: user.id.toHexString(),
      email: user.email,
      role: user.role,
      ...(mustAddPasskey ? { mustAddPasskey } : {}),
    },
    partner: { id: partner.id.toHexString(), name: partner.name },
  }
}
