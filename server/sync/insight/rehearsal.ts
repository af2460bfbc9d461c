import { ObjectId } from 'mongodb'
import type {
  RecordRehearsal,
  RecordRehearsalBody,
  Rehearsal,
  RehearsalBody,
} from '#shared/contracts/rehearsal'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import { NotFound } from '../../errors'
import { partnerLink } from '../../leads/partner-link-repository'
import type { Mapping } from '../../mapping/index'
import { connectedPortal } from '../../mapping/portal'
import { kinds, type RecordKind } from '../../records/kinds'
import type { FieldRules } from '../../records/merge-field'
import { reportsOf } from '../../records/merge-record'
import type { StageRules } from '../../records/merge-stage'
import { findByIds } from '../../records/repository/by-ids'
import { rehearse } from '../../records/rehearse'
import { daysPlayed, eachRecord, playedSince } from './stored-records'
import { createRehearsalTally, type RehearsalWords } from './rehearsal-tally'
import { labelOf } from './tally'

export interface RehearsalDeps {
  collections: Collections
  clock: Clock
  mapping: Mapping
  words: RehearsalWords
}

/**
 * Plays another mapping, or the switch "write back", on the partner's own records and their latest
 * changes, by the same merge as the sync. Nothing is written, and HubSpot is not asked.
 */
export function createRehearsal({ collections, clock, mapping, words }: RehearsalDeps) {
  async function present(partnerId: ObjectId, portalId: string) {
    const [rules, stages, link] = await Promise.all([
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
      partnerLink(collections, partnerId),
    ])
    return { rules, stages, isWritingBack: link.isWritingBack }
  }

  return {
    /** @throws {NotConnected} {ValidationFailed} such a mapping could not be stored */
    async all(partnerId: ObjectId, tried: RehearsalBody): Promise<Rehearsal> {
      const portalId = await connectedPortal(collections, partnerId)
      const before = await present(partnerId, portalId)
      const after: { rules: FieldRules; stages: StageRules; isWritingBack: boolean } = {
        rules: tried.fields
          ? await mapping.rehearsed.rules({ partnerId, portalId }, tried.fields)
          : before.rules,
        stages: tried.stages ? mapping.rehearsed.stages(tried.stages) : before.stages,
        isWritingBack: tried.writeBack ?? before.isWritingBack,
      }
      const now = clock()
      const since = playedSince(now)
      const [zone, own] = await Promise.all([
        mapping.zoneFor(partnerId),
        mapping.ownFieldsOf(partnerId),
      ])
      const tally = createRehearsalTally({ words, own, zone, days: daysPlayed })
      const side = (all: typeof after, kind: RecordKind) => ({
        ...all,
        rules: all.rules[kind.name],
      })
      const { examined, complete } = await eachRecord(
        { collections, clock },
        partnerId,
        (kind, record) => {
          const context = {
            portalId,
            now,
            since,
            before: side(before, kind),
            after: side(after, kind),
          }
          for (const effect of rehearse(kind, record, context)) tally.add(kind, record, effect)
        },
      )
      return { examined, complete, since: since.toISOString(), sentences: tally.result() }
    },

    /**
     * What a field mapping would do to one record.
     * @throws {NotFound} {NotConnected} {ValidationFailed}
     */
    async one(
      partnerId: ObjectId,
      { object, id, fields }: RecordRehearsalBody,
    ): Promise<RecordRehearsal> {
      const portalId = await connectedPortal(collections, partnerId)
      const kind = kinds[object]
      const found = await findByIds(collections, kind, partnerId, [new ObjectId(id)])
      const record = found.get(id)
      if (!record) throw new NotFound(kind.title)
      const [rules, { isWritingBack }] = await Promise.all([
        fields
          ? mapping.rehearsed.rules({ partnerId, portalId }, fields)
          : mapping.fieldsFor(partnerId),
        partnerLink(collections, partnerId),
      ])
      const reports = reportsOf(record, rules[object])
      const values: Record<string, string | null> = { ...record.values }
      return {
        label: labelOf(record),
        fields: reports.map(report => {
          const isHeld = report.write && !isWritingBack
          return {
            field: report.field,
            property: report.property,
            hubspot: report.remote,
            isRead: Object.hasOwn(record.remote ?? {}, report.property),
            ours: values[report.field] ?? null,
            after: report.local,
            decision: isHeld ? 'kept' : report.decision,
            rule: isHeld ? 'write_back_off' : report.rule,
          }
        }),
      }
    },
  }
}
