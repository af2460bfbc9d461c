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
   * Applies only to records that are linked and not archived here; the others are returned to the
   * caller. For answers that may be out of date.
   */
  linkedOnly?: boolean
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

export type PageTarget = Pick<InboundPage, 'partnerId' | 'portalId' | 'crm' | 'linkedOnly'> &
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
  /** HubSpot ids that `linkedOnly` leaves out: not linked, or archived here */
  unlinked: string[]
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

/** The latest version of each record: a page may have one twice. */
export function latestOfEach(records: readonly CrmObject[]): CrmObject[] {
  const latest = new Map<string, CrmObject>()
  for (const record of records) {
    const known = latest.get(record.id)
    if (!known || Date.parse(record.updatedAt) >= Date.parse(known.updatedAt))
      latest.set(record.id, record)
  }
  return [...latest.values()]
}
