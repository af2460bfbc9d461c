/**
 * The production functions that the proof drives: the one place where it touches `server/`. What
 * the server asks its database for is asked of the store in memory instead; what is decided is
 * decided by these.
 */
import { ObjectId } from 'mongodb'
import type { AnyRecord, DealDocument, LeadDocument } from '../../../server/database/documents'
import {
  afterWrite,
  associationsOf,
  isKnownAs,
  type Written,
} from '../../../server/records/accepted-write'
import { newDeal, newLead } from '../../../server/records/blank'
import { remember } from '../../../server/records/history'
import { kinds } from '../../../server/records/kinds'
import { createdHere, editedHere } from '../../../server/records/local-change'
import type { FieldRules } from '../../../server/records/merge-field'
import type { MergeContext } from '../../../server/records/merge-record'
import { createStageRules } from '../../../server/records/merge-stage'
import { ofOwnCreate, sendingNow, timedSince } from '../../../server/records/own-write'
import { planUndo } from '../../../server/records/plan-undo'
import {
  outsideOfWrite,
  pendingWrite,
  type NoWrite,
  type PendingWrite,
  type PendingWriteContext,
} from '../../../server/records/plan-write'
import { factsOf, outsideOf, type ScopeRules } from '../../../server/records/scope'
import { carryEdits, fillFrom, missingLeads } from '../../../server/records/carry-over'
import {
  joinedContacts,
  withCopy,
  withTimes,
  type CreateOrigin,
} from '../../../server/records/take-copy'
import {
  archivedInHubspot,
  inSync,
  lookedAtAgain,
  outOfScope,
  refused,
  stageNotMapped,
  withState,
} from '../../../server/records/sync-state'
import { mergedIdsOf } from '../../../server/sync/inbound/merged'
import { isLeft, latestOfEach } from '../../../server/sync/inbound/page'
import { planDeal, planLead } from '../../../server/sync/inbound/plan-record'
import { planOutside } from '../../../server/sync/inbound/scope'
import { isMadeBy, sentOf, signsOf } from '../../../server/sync/outbound/find-created'
import { isNews } from '../../../server/sync/outbound/update'
import { retryAt, shown } from '../../../server/sync/outbound/record-failure'

export type { PendingWrite } from '../../../server/records/plan-write'
export type { FieldRule } from '../../../server/records/merge-field'
export type { FieldKind } from '../../../server/records/fields'
export type { StageRules } from '../../../server/records/merge-stage'
export type { DealDocument, LeadDocument } from '../../../server/database/documents'
export type { CrmObject, ObjectType } from '../../../server/hubspot/crm-types'

// Ids are compared as texts over and over: each is turned into one once.
ObjectId.cacheHexString = true

const isDeal = (record: AnyRecord): record is DealDocument => 'lead_ids' in record

export const core = {
  archivedInHubspot,
  associationsOf,
  createStageRules,
  createdHere,
  factsOf,
  inSync,
  isKnownAs,
  isLeft,
  isNews,
  joinedContacts,
  isMadeBy,
  latestOfEach,
  lookedAtAgain,
  mergedIdsOf,
  missingLeads,
  newDeal,
  newId: () => new ObjectId(),
  newLead,
  ofOwnCreate,
  outOfScope,
  outsideOf,
  planDeal,
  planLead,
  planOutside,
  planUndo,
  refused,
  remember,
  retryAt,
  sendingNow,
  sentOf,
  shown,
  signsOf,
  stageNotMapped,
  timedSince,
  withState,
  withTimes,

  afterWrite(
    current: AnyRecord,
    written: Written,
    context: MergeContext & { contacts: readonly LeadDocument[] },
  ): AnyRecord {
    return isDeal(current)
      ? afterWrite(kinds.deal, current, written, context)
      : afterWrite(kinds.lead, current, written, context)
  },

  carryEdits(
    keeper: AnyRecord,
    others: readonly AnyRecord[],
    rules: FieldRules,
    now: Date,
  ): AnyRecord | null {
    return isDeal(keeper)
      ? carryEdits(kinds.deal, keeper, others as DealDocument[], rules, now)
      : carryEdits(kinds.lead, keeper, others as LeadDocument[], rules, now)
  },

  /** @param scope `null`: everything is synced */
  outsideOfWrite(
    record: AnyRecord,
    write: PendingWrite<AnyRecord> | NoWrite,
    scope: ScopeRules | null,
    now: Date,
  ) {
    return outsideOfWrite<AnyRecord>(
      isDeal(record) ? kinds.deal : kinds.lead,
      record,
      write,
      scope,
      now,
    )
  },

  editedHere(
    current: AnyRecord,
    change: Partial<DealDocument> | Partial<LeadDocument>,
    fields: readonly string[],
    context: MergeContext,
    cause?: ObjectId,
  ): AnyRecord {
    const edit = { fields, by: null, cause }
    return isDeal(current)
      ? editedHere(
          kinds.deal,
          current,
          { change: change as Partial<DealDocument>, ...edit },
          context,
        )
      : editedHere(
          kinds.lead,
          current,
          { change: change as Partial<LeadDocument>, ...edit },
          context,
        )
  },

  /** @returns the values and what they are derived into; `null` when nothing is missing */
  fillFrom(keeper: AnyRecord, other: AnyRecord, now: Date) {
    return isDeal(keeper)
      ? fillFrom(kinds.deal, keeper, other as DealDocument, now)
      : fillFrom(kinds.lead, keeper, other as LeadDocument, now)
  },

  withCopy(
    waiting: AnyRecord,
    copy: AnyRecord,
    origin: CreateOrigin,
    context: { rules: FieldRules; now: Date },
  ): AnyRecord {
    return isDeal(waiting)
      ? withCopy(kinds.deal, waiting, copy as DealDocument, origin, context)
      : withCopy(kinds.lead, waiting, copy as LeadDocument, origin, context)
  },

  pendingWrite(record: AnyRecord, context: PendingWriteContext) {
    return isDeal(record)
      ? pendingWrite(kinds.deal, record, context)
      : pendingWrite(kinds.lead, record, context)
  },
}
