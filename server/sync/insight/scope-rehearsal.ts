import type { ObjectId } from 'mongodb'
import type { Scope, ScopeRehearsal } from '#shared/contracts/scope'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { AnyRecord } from '../../database/documents'
import type { Crm } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import type { Mapping } from '../../mapping/index'
import { connectedPortal } from '../../mapping/portal'
import type { RecordKind } from '../../records/kinds'
import {
  rehearseScope,
  type ScopeEffect,
  type ScopeRehearsalContext,
} from '../../records/rehearse-scope'
import { addHand, byHandSentence, type Hands } from './by-hand'
import { daysPlayed, eachRecord, playedSince } from './stored-records'
import { labelOf } from './tally'

export interface ScopeRehearsalDeps {
  collections: Collections
  clock: Clock
  mapping: Mapping
  crmFor(partnerId: ObjectId): Pick<Crm, 'listMembers'>
}

/** Lists are read up to this many members: a person waits */
const maxMembers = 5000
const maxNamed = 10

type Sentence = ScopeRehearsal['sentences'][number]
type Counted = Sentence & { people: Hands }

/**
 * Plays another scope on the records that are stored here. Nothing is written. Of HubSpot only the
 * ids on its lists are read, which are stored nowhere, and no record.
 */
export function createScopeRehearsal({ collections, clock, mapping, crmFor }: ScopeRehearsalDeps) {
  /** @returns the contacts on any of the lists; `null`: too many, or HubSpot does not say */
  async function membersOf(
    partnerId: ObjectId,
    listIds: readonly string[],
  ): Promise<Set<string> | null> {
    const members = new Set<string>()
    try {
      for (const id of listIds) {
        let after: string | undefined
        do {
          const page = await crmFor(partnerId).listMembers(id, { after })
          for (const member of page.ids) members.add(member)
          if (members.size > maxMembers) return null
          after = page.after ?? undefined
        } while (after !== undefined)
      }
      return members
    } catch (error) {
      if (error instanceof HubspotError) return null
      throw error
    }
  }

  return async function rehearse(partnerId: ObjectId, tried: Scope): Promise<ScopeRehearsal> {
    const portalId = await connectedPortal(collections, partnerId)
    const after = mapping.scope.rehearsed(tried)
    const [before, fields, stages, firstStage, members, zone] = await Promise.all([
      mapping.scopeFor(partnerId, portalId),
      mapping.fieldsFor(partnerId),
      mapping.stagesFor(partnerId, portalId),
      mapping.firstStage(partnerId),
      membersOf(partnerId, after?.lead.listIds ?? []),
      mapping.zoneFor(partnerId),
    ])
    const now = clock()
    const counted = new Map<string, Counted>()
    const { examined, complete } = await eachRecord(
      { collections, clock },
      partnerId,
      (kind, record) => {
        const context: ScopeRehearsalContext = {
          portalId,
          now,
          since: playedSince(now),
          before,
          after,
          members,
          firstStage,
          stages,
          rules: fields[kind.name],
        }
        const effect = rehearseScope(kind, record, context)
        if (effect) add(counted, kind, record, effect)
      },
    )
    const sentences = [...counted.values()]
      .sort((one, other) => other.count - one.count)
      .map(({ people, ...one }) => ({
        ...one,
        message: messageOf(one),
        byHand: byHandSentence(people, zone),
      }))
    return { examined, complete, sentences }
  }
}
export type RehearseScope = ReturnType<typeof createScopeRehearsal>

function add(
  counted: Map<string, Counted>,
  { name: object }: RecordKind,
  record: AnyRecord,
  { effect, rule, isWaiting, isRecent, byHand }: ScopeEffect,
): void {
  const key = `${object}:${effect}:${rule ?? ''}`
  const known: Counted = counted.get(key) ?? {
    object,
    effect,
    rule,
    count: 0,
    waiting: 0,
    recent: 0,
    message: '',
    byHand: null,
    records: [],
    people: new Map(),
  }
  counted.set(key, known)
  known.count += 1
  if (isWaiting) known.waiting += 1
  if (isRecent) known.recent += 1
  if (byHand) addHand(known.people, byHand)
  if (known.records.length < maxNamed)
    known.records.push({ id: record._id.toHexString(), label: labelOf(record) })
}

const reasons = {
  list: 'on none of the chosen lists',
  lifecycle_stage: 'in another lifecycle stage',
  owner: 'of another owner, or of none',
  pipeline: 'in another pipeline',
  created_after: 'created earlier',
} as const

/** What their changes of the last days say of the next ones. */
function recently({ effect, recent }: Pick<Sentence, 'effect' | 'recent'>): string {
  if (recent === 0 || effect === 'unknown') return ''
  const change = `In the last ${daysPlayed} days ${recent} of them changed`
  return effect === 'leaves'
    ? ` ${change}; such changes would reach the other side no more.`
    : ` ${change}; such changes would reach the other side again.`
}

function messageOf({ object, effect, rule, count, waiting, recent }: Sentence): string {
  const who = `${count} ${object}${count === 1 ? '' : 's'}`
  const edited =
    waiting === 0
      ? ''
      : ` ${waiting} of them ${waiting === 1 ? 'has' : 'have'} changes made here that HubSpot has not got.`
  switch (effect) {
    case 'leaves':
      return `${who} would leave the scope${rule ? `: ${reasons[rule]}` : ''}.${edited}${recently({ effect, recent })}`
    case 'enters':
      return `${who} would come in.${edited}${recently({ effect, recent })}`
    case 'unknown':
      return `Whether ${who} would be inside is not stored here: HubSpot is asked when the scope is saved.${edited}`
  }
}
