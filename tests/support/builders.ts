import { randomBytes } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import { createDatabase } from '../../server/database/client'
import { secretText } from './canary'
import { aUser } from './users'

/** Of everybody whom this file of tests makes: each other one would be hashed anew. */
const password = `pw-${secretText(12)}`

export interface TestUser {
  id: ObjectId
  email: string
  password: string
}

export interface TestPartner {
  id: ObjectId
  name: string
  admin: TestUser
  member: TestUser
}

/** A partner of its own with one admin and one member, stored where the app under test looks. */
export async function aPartner(
  { mongodbUri, database }: { mongodbUri: string; database: string },
  name = `Partner ${randomBytes(4).toString('hex')}`,
): Promise<TestPartner> {
  const store = createDatabase({ uri: mongodbUri, database })
  try {
    const slug = randomBytes(5).toString('hex')
    const user = async (role: 'admin' | 'member') => {
      const email = `${role}-${slug}@partner.test`
      const { partnerId, userId } = await aUser(store.collections, {
        partnerName: name,
        email,
        password,
        role,
      })
      return { partnerId, user: { id: userId, email, password } }
    }
    const admin = await user('admin')
    const member = await user('member')
    return { id: admin.partnerId, name, admin: admin.user, member: member.user }
  } finally {
    await store.close()
  }
}
