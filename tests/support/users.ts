import { ObjectId } from 'mongodb'
import { hashPassword } from '../../server/accounts/passwords'
import { createAccountsRepository } from '../../server/accounts/repository'
import type { NewUser } from '../../server/accounts/index'
import type { Collections } from '../../server/database/collections'

/** A hash costs a quarter of a second: each password of a test file is hashed once. */
const hashes = new Map<string, Promise<string>>()
function hashOnce(password: string): Promise<string> {
  const hash = hashes.get(password) ?? hashPassword(password)
  hashes.set(password, hash)
  return hash
}

/** A user, and the partner where there is none of that name: as `accounts.createUser` stores them. */
export async function aUser(
  collections: Pick<Collections, 'partners' | 'users'>,
  { partnerName, email, password, role }: NewUser,
): Promise<{ partnerId: ObjectId; userId: ObjectId }> {
  const accounts = createAccountsRepository(collections)
  const partnerId = await accounts.ensurePartner(partnerName, new Date())
  const userId = new ObjectId()
  const isStored = await accounts.insertUser({
    _id: userId,
    schema_version: 1,
    partner_id: partnerId,
    email,
    password_hash: await hashOnce(password),
    role,
    disabled: false,
    created_at: new Date(),
  })
  if (!isStored) throw new Error(`${email} is taken`)
  return { partnerId, userId }
}
