import type { Clock } from '../../config/clock'
import type { AuditLog } from '../../database/audit'
import type { Collections } from '../../database/collections'
import type { Cursors } from '../../database/cursor'
import { createAuditList } from '../audit-log/index'
import { createAuditRepository } from '../audit-log/repository'
import type { Accounts } from '../index'
import { createCeremony } from '../passkeys/ceremony'
import { createPasskeys } from '../passkeys/index'
import { createPasskeysRepository } from '../passkeys/repository'
import { createServiceKeys } from '../service-keys/index'
import { createServiceKeysRepository } from '../service-keys/repository'
import { createPeople } from './index'
import type { PersonalMail } from './mail'
import { createOwnPassword } from './own-password'
import { createOwnSignIn } from './own-sign-in'
import { createPeopleRepository } from './repository'
import { createRecovery } from './recovery'
import { createSignInRules } from './sign-in-rules'

export interface PeoplePartsDeps {
  collections: Collections
  clock: Clock
  accounts: Accounts
  audit: AuditLog
  cursors: Cursors
  mail: PersonalMail
  /** Scheme and host of the app */
  origin: string
  auditRetentionDays: number
}

/** The people of a partner and how they sign in: every part of it, built once. */
export function createPeopleParts(deps: PeoplePartsDeps) {
  const { collections, clock, accounts, audit, cursors, mail, origin } = deps
  const { sessions } = accounts
  const repository = createPeopleRepository(collections)
  const passkeysRepository = createPasskeysRepository(collections)
  const passkeys = createPasskeys({
    repository: passkeysRepository,
    ceremony: createCeremony({ origin }),
    clock,
    audit,
  })
  const auditList = createAuditList({
    repository: createAuditRepository(collections),
    cursors,
    clock,
    retentionDays: deps.auditRetentionDays,
  })
  return {
    people: createPeople({
      repository,
      passkeys: passkeysRepository,
      sessions,
      clock,
      audit,
      cursors,
      mail,
      origin,
    }),
    ownPassword: createOwnPassword({
      repository,
      sessions,
      clock,
      audit,
      mail,
      origin,
      confirmPassword: accounts.confirmPassword,
    }),
    passkeys,
    ownSignIn: createOwnSignIn({ repository, passkeys }),
    recovery: createRecovery({ repository, passkeys, accounts }),
    signInRules: createSignInRules({ repository, passkeys, audit }),
    serviceKeys: createServiceKeys({
      repository: createServiceKeysRepository(collections),
      clock,
      audit,
    }),
    auditList,
    /** What ran out is forgotten; expiry itself is checked when things are read. */
    async prunePeople(): Promise<void> {
      await passkeys.prune()
      await auditList.prune()
    },
  }
}
