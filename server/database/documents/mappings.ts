import type { ObjectId } from 'mongodb'
import type { ConflictPolicy, FieldDirection } from '#shared/leads/fields'
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
  }[]
  drift: {
    pipeline_id: string
    stage_id: string
    kind: 'renamed' | 'archived' | 'deleted' | 'new'
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
  }[]
  revision: number
  updated_at: Date
}

/** One cached answer of HubSpot's schema; may be lost. */
export interface SchemaCacheDocument {
  _id: string
  value: string
  at: Date
}
