import type { ObjectType } from '../data/object-types'

/** Who made a change, as webhooks tell it. */
export interface ChangeSource {
  changeSource: string
  sourceId: string
}

export const madeInCrm: ChangeSource = { changeSource: 'CRM_UI', sourceId: 'userId:9586504' }

export interface MergeDetails {
  primaryObjectId: string
  mergedObjectIds: string[]
  newObjectId: string
  numberOfPropertiesMoved: number
}

export interface AssociationDetails {
  /** E.g. `CONTACT_TO_DEAL` */
  associationType: string
  fromObjectId: string
  toObjectId: string
  associationRemoved: boolean
}

export type ChangeKind =
  | 'creation'
  | 'deletion'
  | 'restore'
  | 'privacyDeletion'
  | 'propertyChange'
  | 'merge'
  | 'associationChange'

/** Something that happened to a record, before it becomes webhook events of whatever shape. */
export interface ChangeEvent {
  portalId: number
  type: ObjectType
  kind: ChangeKind
  objectId: string
  /** Milliseconds since the epoch */
  at: number
  source: ChangeSource
  property?: string
  value?: string
  merge?: MergeDetails
  association?: AssociationDetails
}
