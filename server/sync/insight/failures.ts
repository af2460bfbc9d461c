import type { ObjectId } from 'mongodb'
import type {
  FailingRecords,
  FailureCause,
  FailureGroup,
  Failures,
  FailuresRetried,
} from '#shared/contracts/failures'
import { failures as words } from '#shared/texts/en/failures'
import type { Actor, AuditLog } from '../../database/audit'
import type { Collections } from '../../database/collections'
import type { KindName } from '../../database/documents'
import { whoMends } from '../../records/failure-cause'
import { kinds } from '../../records/kinds'
import { byteOrderMark, csvLine } from '../../leads/csv'
import { failedRecords, type FailedRecord } from '../../records/repository/failed'
import type { Permission } from '../permission'
import type { SyncRequests } from '../request'
import { WriteBackOff, type RetryDeps } from './retry'

const sampleSize = 5
/** So many records of one cause are listed on a page; the CSV has all */
const listSize = 200
const columns = ['cause', 'object', 'id', 'name', 'message', 'fix']
/** So many records are marked by one command */
const batchSize = 1000

export interface FailuresDeps {
  collections: Pick<Collections, 'leads' | 'deals'>
  records: RetryDeps['records']
  permission: Pick<Permission, 'assertMaySync'>
  requests: Pick<SyncRequests, 'requestSync'>
  audit: AuditLog
}

const presentFailing = ({ kind, id, name, message }: FailedRecord) => ({
  object: kind.name,
  id: id.toHexString(),
  name,
  message,
})

/** Failed records by what is wrong with them, and trying one cause's again. */
export function createFailures(deps: FailuresDeps) {
  const { collections, records, permission, requests, audit } = deps

  async function idsOf(
    partnerId: ObjectId,
    cause: FailureCause,
  ): Promise<Record<KindName, ObjectId[]>> {
    const ids: Record<KindName, ObjectId[]> = { lead: [], deal: [] }
    for await (const record of failedRecords(collections, partnerId))
      if (record.cause === cause) ids[record.kind.name].push(record.id)
    return ids
  }

  async function markAgain(partnerId: ObjectId, kind: KindName, ids: ObjectId[]): Promise<number> {
    const outbox = records[kinds[kind].collection]
    let marked = 0
    for (let start = 0; start < ids.length; start += batchSize)
      marked += await outbox.retryFailed(partnerId, ids.slice(start, start + batchSize))
    return marked
  }

  return {
    async list(partnerId: ObjectId): Promise<Failures> {
      const groups = new Map<FailureCause, FailureGroup>()
      for await (const record of failedRecords(collections, partnerId)) {
        const { cause } = record
        const group = groups.get(cause) ?? {
          cause,
          count: 0,
          who: whoMends[cause],
          fix: words.fix[cause],
          sample: [],
        }
        groups.set(cause, group)
        group.count += 1
        if (group.sample.length < sampleSize) group.sample.push(presentFailing(record))
      }
      return { groups: [...groups.values()].sort((one, other) => other.count - one.count) }
    },

    /** The records of one cause, up to 200 of them. */
    async records(partnerId: ObjectId, cause: FailureCause): Promise<FailingRecords> {
      const found: FailingRecords = { items: [], total: 0 }
      for await (const record of failedRecords(collections, partnerId)) {
        if (record.cause !== cause) continue
        found.total += 1
        if (found.items.length < listSize) found.items.push(presentFailing(record))
      }
      return found
    },

    /** @param cause absent: of all causes. @returns lines of CSV, the first one with the columns */
    async *csv(partnerId: ObjectId, cause?: FailureCause): AsyncGenerator<string, void> {
      yield `${byteOrderMark}${csvLine(columns)}`
      for await (const record of failedRecords(collections, partnerId)) {
        if (cause !== undefined && record.cause !== cause) continue
        const { object, id, name, message } = presentFailing(record)
        yield csvLine([record.cause, object, id, name, message, words.fix[record.cause]])
      }
    },

    /**
     * Has the failed records of one cause written again. A deal whose stage is not mapped has
     * nothing to write before it is: the new mapping writes it.
     * @throws {NotConnected} {ReauthorizationRequired} {SyncPaused} {WriteBackOff}
     */
    async retry(
      partnerId: ObjectId,
      cause: FailureCause,
      { actor, correlationId = null }: { actor: Actor; correlationId?: string | null },
    ): Promise<FailuresRetried> {
      const { isWritingBack } = await permission.assertMaySync(partnerId)
      const { lead, deal } = await idsOf(partnerId, cause)
      if (lead.length + deal.length === 0) return { runId: null }
      if (!isWritingBack) throw new WriteBackOff()
      const outbound =
        (await markAgain(partnerId, 'lead', lead)) + (await markAgain(partnerId, 'deal', deal))
      const run =
        outbound > 0
          ? await requests.requestSync(partnerId, { trigger: 'retry', kind: 'webhook' })
          : null
      await audit.record({
        partnerId,
        actor,
        action: 'sync.retry',
        details: { scope: 'cause', cause, outbound },
        correlationId,
      })
      return { runId: run?.id ?? null }
    },
  }
}
