import type { ObjectId } from 'mongodb'
import type { ConflictPolicy, FieldDirection, OwnFieldType } from '#shared/leads/fields'
import type { FieldMappingEntry, StageMappingEntry } from '#shared/contracts/mapping'
import type { DealStage } from '#shared/leads/stages'

/** How HubSpot's stages and properties are mapped. */

export interface StageMappingDocument {
  /** `<partner id>:<portal id>` */
  _id: string
  partner_id: ObjectId
  portal_id: string
  mapping: {
    pipeline_id: string
    stage_id: string
    stage: DealStage
    write_back: boolean
    label: string | null
    paused: boolean
    /** HubSpot lets no app move deals to it; absent: it does */
    read_only?: true
  }[]
  drift: {
    pipeline_id: string
    stage_id: string
    kind: 'renamed' | 'archived' | 'deleted' | 'new' | 'read_only'
    since: Date
  }[]
  /** Stages known at the last look, to tell new ones */
  known_stages: { pipeline_id: string; stage_id: string; label: string }[]
  revision: number
  updated_at: Date
}

export interface FieldMappingDocument {
  /** The partner's id */
  _id: ObjectId
  partner_id: ObjectId
  /** `type` is HubSpot's type of the property when the mapping was stored */
  fields: {
    object: 'lead' | 'deal'
    field: string
    property: string
    direction: FieldDirection
    policy: ConflictPolicy
    type: string
    /** What our field holds, where an admin added it */
    own?: OwnFieldType
  }[]
  /** What HubSpot's properties look like now; absent until somebody looked */
  seen?: FieldsSeenDocument
  revision: number
  updated_at: Date
}

/** A field that an admin added to leads or deals. Its values stand in `values` of the records. */
export interface OwnFieldDocument {
  _id: ObjectId
  partner_id: ObjectId
  object: 'lead' | 'deal'
  /** Unique for the partner and object, also among deleted ones; never changes */
  key: string
  label: string
  type: OwnFieldType
  options: { value: string; label: string }[]
  /** How it is mapped, or was last */
  direction: FieldDirection
  policy: ConflictPolicy
  /** One of a hundred places for fields of this object; a deleted field has none */
  place?: number
  created_at: Date
  updated_at: Date
  deleted_at: Date | null
  /** The property that it was mapped to when it was deleted */
  deleted_property: string | null
}

export interface FieldsSeenDocument {
  portal_id: string
  /** Fields that pause: alone, and until their property is as it has to be */
  drift: {
    object: 'lead' | 'deal'
    field: string
    property: string
    kind: 'missing' | 'read_only' | 'retyped'
    since: Date
  }[]
  /** HubSpot's types that are other ones than those of the mapping, by `<object>:<property>` */
  types: Record<string, string>
}

/** One cached answer of HubSpot's schema; may be lost. */
export interface SchemaCacheDocument {
  _id: string
  value: string
  at: Date
}

/** A mapping as an admin stored it once. */
export interface MappingVersionDocument {
  _id: ObjectId
  partner_id: ObjectId
  kind: 'fields' | 'stages'
  entries: (FieldMappingEntry | StageMappingEntry)[]
  /** What was different from the one before, in words */
  changes: string[]
  by: { user_id: ObjectId; email: string } | null
  at: Date
}

interface StoredKindScope {
  lifecycle_stages: string[]
  owner_ids: string[]
  list_ids: string[]
  pipeline_ids: string[]
  /** As it was given: a day or an instant */
  created_after: string | null
}

/** Which records of a portal are synced, as an admin chose it. */
export interface SyncScopeDocument {
  /** `<partner id>:<portal id>` */
  _id: string
  partner_id: ObjectId
  portal_id: string
  lead: StoredKindScope
  deal: StoredKindScope
  /** What HubSpot called them when the scope was saved, by id */
  names: Record<'lifecycle_stages' | 'owners' | 'lists' | 'pipelines', Record<string, string>>
  /** Grows by one each time the scope is saved */
  revision: number
  /** The revision that every record was brought in line with last */
  applied_revision: number
  /** Members of the lists as they were read last, to tell when to read them again */
  lists_read: { list_id: string; size: number | null; at: Date }[]
  updated_at: Date
}
