import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'
import type { Deals } from '../../leads/deals'
import type { Leads } from '../../leads/leads'
import type { FieldRules } from '../../records/merge-field'
import type { PendingWrite } from '../../records/plan-write'
import type { Inbound } from '../inbound/apply'
import type { ScopeCheckDeps } from '../inbound/scope'
import type { Permission } from '../permission'
import type { Pull } from '../readers/by-ids'
import type { RunContext } from '../runs/context'
import type { WriteLease } from './write-lease'

export interface OutboundDeps {
  collections: Collections
  clock: Clock
  inbound: Inbound
  mapping: ScopeCheckDeps['mapping'] & {
    propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]>
    fieldsFor(partnerId: ObjectId): Promise<FieldRules>
    checkFields(partnerId: ObjectId, isFresh: boolean): Promise<void>
  }
  records: { leads: Leads; deals: Deals }
  pull: Pull
  permission: Pick<Permission, 'mayWriteBack'>
  /** How long HubSpot's search index may lag behind a create, ms */
  indexLagMs?: number
  /** How long a silent process keeps the write lease, ms */
  writeLeaseMs?: number
}

export type AnyWrite = PendingWrite<LeadDocument> | PendingWrite<DealDocument>
export type AnyUpdate = Extract<AnyWrite, { action: 'update' }>

export type Outbox = Pick<
  Leads,
  | 'setCreateIntent'
  | 'markIntentUnclear'
  | 'forgetCreateIntent'
  | 'setSending'
  | 'takeCopy'
  | 'markFailed'
  | 'leaveOut'
  | 'postpone'
> & {
  claimDirty(...input: Parameters<Leads['claimDirty']>): Promise<AnyWrite[]>
  markWritten(
    ...input: Parameters<Leads['markWritten']>
  ): Promise<LeadDocument | DealDocument | null>
}
export type Outboxes = Record<ObjectType, Outbox>

/** A run that holds the write lease: nobody else writes for this partner. */
export type DrainContext = RunContext & { lease: WriteLease }

/** What a drain did */
export interface Drained {
  /** Records that HubSpot took */
  writtenBack: number
  /** Records that it refused */
  failed: number
}
