import type { Deal, Lead } from '#shared/contracts/leads'
import { texts } from '#shared/texts/en'

/** @returns what people call this lead: name, else e-mail address */
export function leadName(lead: Pick<Lead, 'firstName' | 'lastName' | 'email'>): string {
  return (
    [lead.firstName, lead.lastName].filter(part => part).join(' ') ||
    lead.email ||
    texts.leads.unnamedLead
  )
}

export function dealName(deal: Pick<Deal, 'name'>): string {
  return deal.name || texts.leads.unnamedDeal
}

export function recordName(record: Lead | Deal): string {
  return 'leadIds' in record ? dealName(record) : leadName(record)
}
