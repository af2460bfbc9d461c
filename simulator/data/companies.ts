import { hash32, pick } from '../random'
import { baseTimes, type BaseRecords } from './base'
import { cities, companyForms, companyNames, companyTrades } from './words'

export interface BaseCompanies extends BaseRecords {
  /** Index of the company that a contact or a deal started with; -1 for none */
  companyOf(type: 'contacts' | 'deals', index: number): number
  /** Indexes of the contacts or deals a company started with, ascending */
  recordsOf(type: 'contacts' | 'deals', company: number): number[]
}

/** One contact in so many, and one deal, belongs to no company */
const alone = { contacts: 7, deals: 5 } as const

/**
 * Companies 0 … count-1 of a portal, each a function of (seed, index) alone. A contact's company is
 * the one that its address is of where there is one for each.
 */
export function createBaseCompanies(
  seed: number,
  count: number,
  counts: Record<'contacts' | 'deals', number>,
): BaseCompanies {
  // The same draws as for contacts: company n is where contact n works.
  const wordsOf = (index: number) => ({
    name: pick(companyNames, seed, 13, index),
    trade: pick(companyTrades, seed, 14, index),
    form: pick(companyForms, seed, 15, index),
  })
  const domain = (index: number) => {
    const { name, trade } = wordsOf(index)
    return `${name.toLowerCase()}-${trade.toLowerCase()}.example.com`
  }
  const generators: Record<string, (index: number) => string | null> = {
    name(index) {
      const { name, trade, form } = wordsOf(index)
      return `${name} ${trade}${form}`
    },
    domain,
    website: index => `https://${domain(index)}`,
    city: index => pick(cities, seed, 24, index)[0],
    country: index => pick(cities, seed, 24, index)[1],
    lifecyclestage: index => pick(['lead', 'opportunity', 'customer'], seed, 51, index),
    numberofemployees: index =>
      hash32(seed, 52, index) % 3 === 0 ? null : String(1 + (hash32(seed, 53, index) % 900)),
  }
  const companyOf = (type: 'contacts' | 'deals', index: number) =>
    count === 0 || index >= counts[type] || index % alone[type] === 0 ? -1 : index % count
  return {
    count,
    ...baseTimes(seed ^ 0x2545f491, count),
    value: (index, property) => generators[property]?.(index) ?? null,
    companyOf,
    recordsOf(type, company) {
      const found: number[] = []
      for (let index = company; index < counts[type]; index += count)
        if (companyOf(type, index) === company) found.push(index)
      return found
    },
  }
}
