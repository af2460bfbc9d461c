import type { ObjectId } from 'mongodb'
import type { KindName } from './records'

/** What lets an id, or a request, that was answered once lead to the same record again. */

/** A record that became one with another: its id leads there for ever. */
export interface RecordAliasDocument {
  /** The id that was answered */
  _id: ObjectId
  partner_id: ObjectId
  kind: KindName
  /** The record that stayed; it may have gone into a further one since */
  record_id: ObjectId
  created_at: Date
}

/** A request to make a record, by the key that its sender gave it. */
export interface IdempotencyKeyDocument {
  /** `<partner id>:<key>` */
  _id: string
  partner_id: ObjectId
  /** SHA-256 of kind and body, hexadecimal */
  body_hash: string
  /** The id of the record that it makes: chosen before, so that repeats make the same one */
  record_id: ObjectId
  /** The record was stored */
  is_done: boolean
  expires_at: Date
}
