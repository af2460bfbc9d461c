import type { ObjectId } from 'mongodb'
import type { AnyRecord } from '../../database/documents'
import type { Crm, CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { FieldReport } from '../../records/merge-field'
import type { Tell } from '../runs/results'

/** Records from HubSpot that are stored together */
export interface InboundPage {
  partnerId: ObjectId
  portalId: string
  type: ObjectType
  records: CrmObject[]
  /**
   * What is returned to the caller instead of stored, to be read by id: a page may be out of date.
   * A search may still list what is archived or merged (`not_live`: not linked here, or archived
   * here); a list may have been read before HubSpot archived a record (`archived`: archived here).
   */
  leave?: 'not_live' | 'archived'
  /** The run that counts this page; `null` outside of runs */
  runId: ObjectId | null
  /**
   * Asked when HubSpot set a value, where the latest edit wins a conflict. Without it the record's
   * modification date stands for each of its fields. Also asked what an object began with, what
   * became of a contact whose address another one has now, and which lists it is on.
   */
  crm?: Pick<Crm, 'changedAt' | 'initialValues' | 'batchRead' | 'listsOf'>
  /** Receives the outcome of each record that changed or failed */
  tell?: Tell
  /**
   * Names the page within its run: the same for the same page read again after a kill. Its first
   * record's id unless given.
   */
  page?: string
}

export type PageTarget = Pick<InboundPage, 'partnerId' | 'portalId' | 'crm' | 'leave'> &
  Partial<Pick<InboundPage, 'runId'>>

export interface InboundCounts {
  seen: number
  created: number
  updated: number
  unchanged: number
  failed: number
}

export type Outcome = 'created' | 'updated' | 'unchanged'

/** What one incoming record changes here. */
export interface Plan<D = AnyRecord> {
  next: D
  outcome: Outcome
  /** `none`: nothing to store */
  action: 'insert' | 'update' | 'none'
  /** What was decided field by field; empty where nothing was merged */
  reports: FieldReport[]
}

export interface PagePlan {
  /** By HubSpot id */
  plans: Map<string, Plan>
  /** Our records as they were read, by HubSpot id */
  stored: Map<string, AnyRecord>
  /** HubSpot ids that `leave` leaves out */
  left: string[]
  /**
   * Objects that must not be stored: of people who asked to be forgotten, deleted here, or outside
   * of what is synced and unknown here
   */
  erased: Set<string>
  /** Contacts of these deals that have no lead here */
  openContactIds: string[]
  /** HubSpot ids of our leads with an address that another, new contact of the page has now */
  holders: string[]
}

/** Whether a page leaves a record to a read by id. @param stored ours, if it is linked */
export function isLeft(
  leave: InboundPage['leave'],
  stored: Pick<AnyRecord, 'archived_at'> | undefined,
): boolean {
  if (leave === undefined) return false
  return stored ? stored.archived_at !== null : leave === 'not_live'
}

/** The latest version of each record: a page may have one twice. */
export function latestOfEach<D extends Pick<CrmObject, 'id' | 'updatedAt'>>(
  records: readonly D[],
): D[] {
  const latest = new Map<string, D>()
  for (const record of records) {
    const known = latest.get(record.id)
    if (!known || Date.parse(record.updatedAt) >= Date.parse(known.updatedAt))
      latest.set(record.id, record)
  }
  return [...latest.values()]
}
