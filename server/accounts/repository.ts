import { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { PartnerDocument, UserDocument } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import { DomainError } from '../errors'

/** Partners by name, and users. */
export function createAccountsRepository({
  partners,
  users,
}: Pick<Collections, 'partners' | 'users'>) {
  return {
    /** @returns the partner of this name, made when there is none */
    async ensurePartner(name: string, now: Date): Promise<ObjectId> {
      try {
        const partner = await partners.findOneAndUpdate(
          { name },
          {
            $setOnInsert: {
              _id: new ObjectId(),
              schema_version: 1,
              created_at: now,
              hubspot_integration: null,
            },
          },
          { upsert: true, returnDocument: 'after' },
        )
        if (!partner) throw new DomainError('internal_error', 'The partner could not be stored.')
        return partner._id
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        const partner = await partners.findOne({ name })
        if (!partner) throw error
        return partner._id
      }
    },

    async partner(
      id: ObjectId,
    ): Promise<Pick<PartnerDocument, '_id' | 'name' | 'passkeys_required'> | null> {
      return await partners.findOne({ _id: id }, { projection: { name: 1, passkeys_required: 1 } })
    },

    async user(id: ObjectId): Promise<UserDocument | null> {
      return await users.findOne({ _id: id })
    },

    async userByEmail(email: string): Promise<UserDocument | null> {
      return await users.findOne({ email })
    },

    /** @returns whether it was stored: `false` when the e-mail address is taken */
    async insertUser(user: UserDocument): Promise<boolean> {
      try {
        await users.insertOne(user)
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    /** Marks these accounts and opens them; closes every other one that is marked. */
    async switchDemo(emails: readonly string[]): Promise<void> {
      if (emails.length > 0)
        await users.updateMany(
          { email: { $in: [...emails] } },
          { $set: { demo: true, disabled: false } },
        )
      await users.updateMany(
        { demo: true, email: { $nin: [...emails] }, disabled: false },
        { $set: { disabled: true } },
      )
    },

    /** Stores another hash of the same password, unless the password was changed meanwhile. */
    async replaceHash(
      { _id, password_hash }: Pick<UserDocument, '_id' | 'password_hash'>,
      hash: string,
    ): Promise<void> {
      await users.updateOne({ _id, password_hash }, { $set: { password_hash: hash } })
    },

    async withNoticePreferences(
      partnerId: ObjectId,
    ): Promise<
      Pick<
        UserDocument,
        '_id' | 'email' | 'role' | 'disabled' | 'invitation' | 'notice_preferences'
      >[]
    > {
      return await users
        .find(
          { partner_id: partnerId },
          {
            projection: { email: 1, role: 1, disabled: 1, invitation: 1, notice_preferences: 1 },
          },
        )
        .toArray()
    },
  }
}
