import type { ObjectId } from 'mongodb'
import type { KindName } from './records'

/** A list's query under a name. */
export interface SavedViewDocument {
  _id: ObjectId
  partner_id: ObjectId
  user_id: ObjectId
  /** Whose it is, as others see it */
  email: string
  object: KindName
  name: string
  query: Record<string, string | number>
  columns: string[] | null
  /** Everybody of the partner sees it */
  shared: boolean
  created_at: Date
}
