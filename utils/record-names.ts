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

export function kindOf(record: Lead | Deal): 'lead' | 'deal' {
  return 'leadIds' in record ? 'deal' : 'lead'
}

export function recordName(record: Lead | Deal): string {
  return 'leadIds' in record ? dealName(record) : leadName(record)
}

/** @returns its address in the API, below `/api/v1` */
export function recordPath(object: 'lead' | 'deal', id: string): `/${string}` {
  return `/${object}s/${encodeURIComponent(id)}`
}

/** @returns the page that shows the record, with its details open */
export function recordPage(object: 'lead' | 'deal', id: string): string {
  return `/leads?${object === 'deal' ? 'view=deals&' : ''}open=${id}`
}
