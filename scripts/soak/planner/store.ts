import type { DealDocument, LeadDocument, ObjectType } from './core'

export type Id = LeadDocument['_id']
export type AnyRecord = LeadDocument | DealDocument

/** The process dies before its next write. */
export class Killed extends Error {}
/** What the database's unique indexes refuse. */
export class Taken extends Error {}

/**
 * Our side in memory: what the database does for the production code. Records are never changed in
 * place, so a reference kept is a copy.
 */
export class Store {
  leads: LeadDocument[] = []
  deals: DealDocument[] = []
  /** So many writes succeed before the process dies */
  writesLeft = Infinity
  writes = 0

  private spend(): void {
    if (this.writesLeft <= 0) throw new Killed()
    this.writesLeft -= 1
    this.writes += 1
  }

  records(type: ObjectType): readonly AnyRecord[] {
    return type === 'contacts' ? this.leads : this.deals
  }

  byId(id: Id): AnyRecord | undefined {
    return (
      this.leads.find(record => record._id === id) ?? this.deals.find(record => record._id === id)
    )
  }

  leadOf(hubspotId: string): LeadDocument | undefined {
    return this.leads.find(lead => lead.hubspot_id === hubspotId)
  }

  of(type: ObjectType, hubspotId: string): AnyRecord | undefined {
    return this.records(type).find(record => record.hubspot_id === hubspotId)
  }

  /** @throws {Taken} another record has this HubSpot id, or this address while it has none */
  put(record: AnyRecord): void {
    const all = this.records('lead_ids' in record ? 'deals' : 'contacts')
    for (const other of all)
      if (
        other._id !== record._id &&
        ((record.hubspot_id !== null && other.hubspot_id === record.hubspot_id) ||
          ('local_email' in record &&
            'local_email' in other &&
            record.local_email !== null &&
            other.local_email === record.local_email))
      )
        throw new Taken()
    this.spend()
    const written = { ...record, version: record.version + 1 }
    if ('lead_ids' in written) replace(this.deals, written)
    else replace(this.leads, written)
  }

  remove(id: Id): void {
    this.spend()
    this.leads = this.leads.filter(lead => lead._id !== id)
    this.deals = this.deals.filter(deal => deal._id !== id)
  }
}

function replace<D extends AnyRecord>(records: D[], record: D): void {
  const index = records.findIndex(one => one._id === record._id)
  if (index < 0) records.push(record)
  else records[index] = record
}
