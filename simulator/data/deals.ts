import { hash32, pick } from '../random'
import { hubspotTime } from '../clock'
import { baseTimes, type BaseRecords } from './base'
import { companyNames, companyTrades, dealSubjects } from './words'

export interface BaseDeals extends BaseRecords {
  /** Indexes of the contacts a deal started with: none to three, ascending */
  contactsOf(deal: number): number[]
  /** Indexes of the deals a contact started with, ascending */
  dealsOf(contact: number): number[]
}

/** How many contacts in a row belong to one deal at most. */
const contactsPerDeal = 3

/** Stages of the two pipelines with their share (data/pipelines.ts). */
const usualStages = [
  ['default', 'appointmentscheduled'],
  ['default', 'appointmentscheduled'],
  ['default', 'qualifiedtobuy'],
  ['default', 'qualifiedtobuy'],
  ['default', 'presentationscheduled'],
  ['default', 'decisionmakerboughtin'],
  ['default', 'contractsent'],
  ['default', 'closedwon'],
  ['default', 'closedwon'],
  ['default', 'closedlost'],
  ['75321', '94001'],
  ['75321', '94002'],
  ['75321', '94003'],
  ['75321', '94004'],
] as const

export type StagePlace = readonly [pipeline: string, stage: string]

/**
 * Deals 0 … count-1 of a portal of `contactCount` contacts, each a function of (seed, index) alone.
 */
export function createBaseDeals(
  seed: number,
  count: number,
  contactCount: number,
  currencies: readonly [string, ...string[]],
  stages: readonly [StagePlace, ...StagePlace[]] = usualStages,
): BaseDeals {
  const times = baseTimes(seed ^ 0x5bd1e995, count)
  const dayMs = 86_400_000

  const generators: Record<string, (index: number) => string | null> = {
    dealname: index =>
      `${pick(companyNames, seed, 31, index)} ${pick(companyTrades, seed, 32, index)} – ${pick(dealSubjects, seed, 33, index)}`,
    pipeline: index => pick(stages, seed, 34, index)[0],
    dealstage: index => pick(stages, seed, 34, index)[1],
    amount(index) {
      if (hash32(seed, 35, index) % 10 === 0) return null
      const cents = hash32(seed, 36, index) % 8_000_000
      return cents % 3 === 0 ? (cents / 100).toFixed(2) : String(Math.floor(cents / 100))
    },
    deal_currency_code: index => pick(currencies, seed, 37, index),
    closedate: index =>
      hash32(seed, 38, index) % 8 === 0
        ? null
        : hubspotTime(
            Math.floor(times.createdAt(index) / dayMs) * dayMs +
              (20 + (hash32(seed, 39, index) % 120)) * dayMs,
          ),
    dealtype: index =>
      hash32(seed, 40, index) % 3 === 0
        ? null
        : pick(['newbusiness', 'existingbusiness'], seed, 41, index),
    hubspot_owner_id: index =>
      hash32(seed, 42, index) % 3 === 0
        ? null
        : pick(['41629779', '41629780', '41629781'], seed, 43, index),
    referral_code: index =>
      hash32(seed, 44, index) % 2 === 0
        ? null
        : `REF-${hash32(seed, 45, index).toString(36).toUpperCase()}`,
  }

  const howMany = (deal: number) => hash32(seed, 46, deal) % (contactsPerDeal + 1)

  return {
    count,
    ...times,
    value: (index, property) => generators[property]?.(index) ?? null,
    contactsOf(deal) {
      if (contactCount === 0) return []
      const contacts = new Set<number>()
      for (let k = 0; k < howMany(deal); k++)
        contacts.add((deal * contactsPerDeal + k) % contactCount)
      return [...contacts].sort((a, b) => a - b)
    },
    dealsOf(contact) {
      const deals = new Set<number>()
      for (let slot = contact; slot < count * contactsPerDeal; slot += contactCount) {
        const deal = Math.floor(slot / contactsPerDeal)
        if (slot % contactsPerDeal < howMany(deal)) deals.add(deal)
      }
      return [...deals].sort((a, b) => a - b)
    },
  }
}
