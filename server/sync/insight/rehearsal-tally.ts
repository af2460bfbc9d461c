import type { RehearsalSentence } from '#shared/contracts/rehearsal'
import type { AnyRecord, KindName, OwnFieldDocument } from '../../database/documents'
import { shownValue } from '../../records/history'
import type { RecordKind } from '../../records/kinds'
import type { RehearsedEffect } from '../../records/rehearse'
import { addHand, byHandSentence, type Hands } from './by-hand'
import { labelOf } from './tally'

/** What people call our fields. */
export interface RehearsalWords {
  fields: Readonly<Record<string, string>>
  stages: Readonly<Record<string, string>>
}

export interface RehearsalTallyOptions {
  words: RehearsalWords
  own: Record<KindName, readonly Pick<OwnFieldDocument, 'key' | 'label' | 'options'>[]>
  /** The account's time zone, by its IANA name */
  zone: string
  /** So many days of changes are played again */
  days: number
}

const maxNamed = 10

interface Counted {
  object: KindName
  effect: RehearsedEffect['effect']
  field: string | null
  /** The stage that many deals lose is told apart from one that they get */
  isLost: boolean
  count: number
  people: Hands
  records: RehearsalSentence['records']
}

/**
 * Counts what would be different, and says it in sentences. What is kept does not grow with the
 * number of records.
 */
export function createRehearsalTally({ words, own, zone, days }: RehearsalTallyOptions) {
  const counted = new Map<string, Counted>()

  function fieldName(object: KindName, field: string): string {
    const added = own[object].find(one => one.key === field)
    return added?.label ?? words.fields[field] ?? field
  }

  function shown(object: KindName, field: string | null, value: string | null): string | null {
    if (field === null || value === null) return value
    if (field === 'stage') return words.stages[value] ?? value
    const options = own[object].find(one => one.key === field)?.options ?? []
    return shownValue(field, options.find(option => option.value === value)?.label ?? value)
  }

  function message({ object, effect, field, isLost, count }: Counted): string {
    const who = `${count} ${object}${count === 1 ? '' : 's'}`
    const what = field === null ? '' : fieldName(object, field)
    switch (effect) {
      case 'changes_here':
        if (field === 'stage')
          return isLost
            ? `${who} would have no stage here: their HubSpot stage would not be mapped.`
            : `${who} would move to another stage here.`
        return `${who} would get another ${what} here.`
      case 'written':
        return `${who} would have ${what} written to HubSpot.`
      case 'not_written':
        return `${who} would keep ${what} here: what waits would not be written to HubSpot.`
      case 'created':
        return `${who} would be created in HubSpot.`
      case 'not_created':
        return `${who} would not be created in HubSpot.`
      case 'unread':
        return `HubSpot’s ${what} of ${who} is not stored yet: what it would change shows with the next sync.`
      case 'replayed_here':
        return `With the changes of the last ${days} days, ${who} would now have another ${what} here.`
      case 'replayed_there':
        return `With the changes of the last ${days} days, ${who} would now have another ${what} in HubSpot.`
    }
  }

  return {
    add({ name: object }: RecordKind, record: AnyRecord, found: RehearsedEffect): void {
      const { effect, field, from, to, byHand: hand } = found
      const isLost = field === 'stage' && to === null
      const key = `${object}:${effect}:${field ?? ''}:${isLost}`
      const known: Counted = counted.get(key) ?? {
        object,
        effect,
        field,
        isLost,
        count: 0,
        people: new Map(),
        records: [],
      }
      counted.set(key, known)
      known.count += 1
      if (hand) addHand(known.people, hand)
      if (known.records.length < maxNamed)
        known.records.push({
          id: record._id.toHexString(),
          label: labelOf(record),
          from: shown(object, field, from),
          to: shown(object, field, to),
        })
    },

    /** The most frequent first. */
    result: (): RehearsalSentence[] =>
      [...counted.values()]
        .sort((one, other) => other.count - one.count)
        .map(one => ({
          object: one.object,
          effect: one.effect,
          field: one.field,
          count: one.count,
          message: message(one),
          byHand: byHandSentence(one.people, zone),
          records: one.records,
        })),
  }
}
