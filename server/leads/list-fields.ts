import type { DealsFilter, LeadsFilter } from '#shared/contracts/lists'
import { syncStates, type DealSort, type LeadSort } from '#shared/leads/fields'
import { dealStages } from '#shared/leads/stages'
import type { KindName } from '../database/documents'
import { asPeopleSort, type Order } from '../database/paging'

export type SortColumn = Omit<Order, 'descending'>

/** One filter of a list: which field it compares, and how. */
export interface FilterColumn {
  /** Path in the document */
  field: string
  /** Name of the index that finds what it asks for */
  index: string
  /** `from` and `to`: the ends of a range, both included */
  match: 'equals' | 'from' | 'to'
  holds: 'text' | 'date' | 'id'
  /** The value that asks for records without one */
  none?: string
  /** The index has records of one value in this order */
  sortedBy?: string
}

/** What a kind's list can be sorted and filtered by: every entry has an index. */
export interface ListColumns {
  sorts: Readonly<Record<string, SortColumn>>
  filters: Readonly<Record<string, FilterColumn>>
}

const text = (field: string, index: string): SortColumn => ({
  field,
  index,
  holds: 'text',
  collation: asPeopleSort,
})
const date = (field: string, index: string): SortColumn => ({ field, index, holds: 'date' })

const sharedSorts = {
  updatedAt: date('updated_at', 'newest_first'),
  createdAt: date('created_at', 'by_created'),
  syncState: {
    field: 'sync.state',
    index: 'sync_state_by_id',
    holds: 'text',
    values: syncStates,
  },
} as const satisfies Record<string, SortColumn>

const equals = (field: string, index: string, none?: string): FilterColumn => ({
  field,
  index,
  match: 'equals',
  holds: 'text',
  sortedBy: 'updated_at',
  ...(none === undefined ? {} : { none }),
})
const end = (
  match: 'from' | 'to',
  field: string,
  index: string,
  holds: 'date' | 'text',
): FilterColumn => ({ field, index, match, holds })

const sharedFilters = {
  syncState: equals('sync.state', 'by_sync_state'),
  owner: equals('remote.hubspot_owner_id', 'by_owner', 'none'),
  createdFrom: end('from', 'created_at', 'by_created', 'date'),
  createdTo: end('to', 'created_at', 'by_created', 'date'),
  updatedFrom: end('from', 'updated_at', 'newest_first', 'date'),
  updatedTo: end('to', 'updated_at', 'newest_first', 'date'),
}

const leadSortColumns: Record<LeadSort, SortColumn> = {
  ...sharedSorts,
  name: text('values.lastName', 'by_last_name'),
  lastName: text('values.lastName', 'by_last_name'),
  firstName: text('values.firstName', 'by_first_name'),
  email: { field: 'values.email', index: 'by_email', holds: 'text' },
  company: text('values.company', 'by_company'),
  jobTitle: text('values.jobTitle', 'by_job_title'),
  lifecycleStage: {
    field: 'values.lifecycleStage',
    index: 'lifecycle_by_id',
    holds: 'text',
  },
}
const dealSortColumns: Record<DealSort, SortColumn> = {
  ...sharedSorts,
  name: text('values.name', 'by_name'),
  amount: { field: 'amount_key', index: 'by_amount', holds: 'number' },
  stage: {
    field: 'stage',
    index: 'stage_by_id',
    holds: 'text',
    values: [null, ...dealStages],
  },
  closeDate: { field: 'values.closeDate', index: 'by_close_date', holds: 'text' },
}
type FilterName<F> = Exclude<keyof F, 'q' | 'sort'>
const leadFilterColumns: Record<FilterName<LeadsFilter>, FilterColumn> = {
  ...sharedFilters,
  lifecycle: equals('values.lifecycleStage', 'by_lifecycle', 'none'),
}
const dealFilterColumns: Record<FilterName<DealsFilter>, FilterColumn> = {
  ...sharedFilters,
  leadId: { field: 'lead_ids', index: 'by_lead', match: 'equals', holds: 'id' },
  stage: equals('stage', 'by_stage', 'unmapped'),
  pipeline: equals('hubspot_pipeline_id', 'by_pipeline'),
  closeFrom: end('from', 'values.closeDate', 'by_close_date', 'text'),
  closeTo: end('to', 'values.closeDate', 'by_close_date', 'text'),
}

export const listColumns: Readonly<Record<KindName, ListColumns>> = {
  lead: { sorts: leadSortColumns, filters: leadFilterColumns },
  deal: { sorts: dealSortColumns, filters: dealFilterColumns },
}
