import { hash32, pick } from '../random'
import { baseTimes, type BaseRecords } from './base'
import {
  cities,
  companyForms,
  companyNames,
  companyTrades,
  firstNames,
  jobTitles,
  lastNames,
} from './words'

export interface BaseContacts extends BaseRecords {
  /** Index of the contact that started with this address (lower case); -1 when none did */
  indexOfEmail(email: string): number
}

/** Stages with their share; most contacts of a real portal are leads or subscribers. */
const lifecycleStages = [
  'subscriber',
  'subscriber',
  'lead',
  'lead',
  'lead',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'other',
] as const

/** Contacts 0 … count-1 of a portal, each a function of (seed, index) alone. */
export function createBaseContacts(seed: number, count: number): BaseContacts {
  const person = (index: number) => ({
    first: pick(firstNames, seed, 11, index),
    last: pick(lastNames, seed, 12, index),
  })
  const companyOf = (index: number) => ({
    name: pick(companyNames, seed, 13, index),
    trade: pick(companyTrades, seed, 14, index),
    form: pick(companyForms, seed, 15, index),
  })
  const hasEmail = (index: number) => hash32(seed, 16, index) % 20 !== 0

  function email(index: number): string | null {
    if (!hasEmail(index)) return null
    const { first, last } = person(index)
    const { name, trade } = companyOf(index)
    // The index in the address makes it unique and lets `indexOfEmail` find its way back.
    return `${first[1]}.${last[1]}${index}@${name.toLowerCase()}-${trade.toLowerCase()}.example.com`
  }

  const generators: Record<string, (index: number) => string | null> = {
    email,
    hs_email_domain: index => email(index)?.split('@')[1] ?? null,
    firstname: index => person(index).first[0],
    lastname: index => (hash32(seed, 17, index) % 25 === 0 ? null : person(index).last[0]),
    company(index) {
      const { name, trade, form } = companyOf(index)
      return hash32(seed, 18, index) % 12 === 0 ? null : `${name} ${trade}${form}`
    },
    phone: index =>
      hash32(seed, 19, index) % 4 === 0
        ? null
        : `+1 202 555 ${String(hash32(seed, 20, index) % 10_000).padStart(4, '0')}`,
    jobtitle: index =>
      hash32(seed, 21, index) % 5 === 0 ? null : pick(jobTitles, seed, 22, index),
    lifecyclestage: index => pick(lifecycleStages, seed, 23, index),
    city: index => pick(cities, seed, 24, index)[0],
    country: index => pick(cities, seed, 24, index)[1],
    website(index) {
      const { name, trade } = companyOf(index)
      return `https://${name.toLowerCase()}-${trade.toLowerCase()}.example.com`
    },
    hubspot_owner_id: index =>
      hash32(seed, 25, index) % 3 === 0
        ? null
        : pick(['41629779', '41629780', '41629781'], seed, 26, index),
    partner_tier: index =>
      hash32(seed, 27, index) % 2 === 0
        ? null
        : pick(['gold', 'silver', 'bronze'], seed, 28, index),
    partner_score: index =>
      hash32(seed, 29, index) % 3 === 0 ? null : String(hash32(seed, 30, index) % 101),
  }

  return {
    count,
    ...baseTimes(seed, count),
    value: (index, property) => generators[property]?.(index) ?? null,
    indexOfEmail(address) {
      const index = Number(/^\D*(\d+)@/.exec(address)?.[1] ?? -1)
      return index >= 0 && index < count && email(index) === address ? index : -1
    },
  }
}
