import type { Collection, ObjectId } from 'mongodb'
import type { Deal, Lead } from '#shared/contracts/leads'
import { dealFields, leadFields } from '#shared/leads/fields'
import type { Collections } from '../database/collections'
import type {
  AnyRecord,
  AssociationsDocument,
  DocumentOf,
  KindName,
  StageDocument,
} from '../database/documents'
import type { ObjectType } from '../hubspot/crm-types'
import { amountKey, dealSearchWords, leadSearchWords, newDeal, newLead } from './blank'
import { ownerProperty, stageProperties } from './fields'
import { derivedOwn, type OwnField } from './own-values'
import { presentDeal, presentLead } from './presenters'

/** A record as the API shows it, by kind. */
export interface KindPresentations {
  lead: Lead
  deal: Deal
}

/** What the rest of the server has to know about one kind of record. */
export interface RecordKind<K extends KindName = KindName> {
  /** As mappings, results and the API name it */
  name: K
  /** As a sentence begins with it */
  title: string
  collection: 'leads' | 'deals'
  hubspotType: ObjectType
  /** The fields that can be mapped to properties, in the order they are shown */
  fields: readonly string[]
  /** Passes through stages, which the stage mapping translates */
  hasStage: boolean
  /** Is associated with leads here, with contacts in HubSpot */
  hasAssociations: boolean
  /** HubSpot's properties that are kept as they are read, besides the mapped ones */
  keptProperties: readonly string[]
  /** HubSpot's properties that are read whatever the mapping says */
  alwaysRead: readonly string[]
  /** HubSpot's properties that name the record: an object is recognised by them */
  nameProperties: readonly string[]
  /** How a record of ours and an object of HubSpot's are found to be the same one */
  recognisedBy: 'linked_by_email' | 'found_in_hubspot'
  /** A record that no HubSpot object is known for. @param values those that are not `null` */
  blank(partnerId: ObjectId, values: Partial<DocumentOf<K>['values']>, now: Date): DocumentOf<K>
  /** What is stored with a record of this kind and follows from the rest of it: `derivedOf` */
  derived(record: DocumentOf<K>): Partial<DocumentOf<K>>
  /** What a person calls the record, or `null` when it has no name */
  nameOf(record: DocumentOf<K>): string | null
  /** @param own the fields that admins added to this kind */
  present(record: DocumentOf<K>, own: readonly OwnField[]): KindPresentations[K]
}

const lead: RecordKind<'lead'> = {
  name: 'lead',
  title: 'This lead',
  collection: 'leads',
  hubspotType: 'contacts',
  fields: leadFields,
  hasStage: false,
  hasAssociations: false,
  keptProperties: [ownerProperty],
  alwaysRead: ['email', ownerProperty, 'hs_merged_object_ids'],
  nameProperties: ['firstname', 'lastname'],
  recognisedBy: 'linked_by_email',
  blank: newLead,
  derived: ({ values, hubspot_id }) => ({
    search: leadSearchWords(values),
    local_email: hubspot_id === null ? values.email : null,
  }),
  nameOf: ({ values }) =>
    [values.firstName, values.lastName].filter(Boolean).join(' ') || values.email,
  present: presentLead,
}

const deal: RecordKind<'deal'> = {
  name: 'deal',
  title: 'This deal',
  collection: 'deals',
  hubspotType: 'deals',
  fields: dealFields,
  hasStage: true,
  hasAssociations: true,
  keptProperties: [...stageProperties, ownerProperty],
  alwaysRead: ['dealname', ...stageProperties, ownerProperty, 'hs_merged_object_ids'],
  nameProperties: ['dealname'],
  recognisedBy: 'found_in_hubspot',
  blank: newDeal,
  derived: ({ values }) => ({
    search: dealSearchWords(values),
    amount_key: amountKey(values),
  }),
  nameOf: ({ values }) => values.name,
  present: presentDeal,
}

/** The kinds of record. A new one is a row here, and a line in `KindDocuments`. */
export const kinds: { readonly [K in KindName]: RecordKind<K> } = { lead, deal }

/** In the order in which they are written: leads before the deals that are associated with them. */
export const allKinds: readonly RecordKind[] = [kinds.lead, kinds.deal]

const byHubspotType: Readonly<Record<ObjectType, RecordKind>> = { contacts: lead, deals: deal }

/** All that is stored with a record and follows from the rest of it, own fields included. */
export function derivedOf<K extends KindName>(
  kind: RecordKind<K>,
  record: DocumentOf<K>,
): Partial<DocumentOf<K>> {
  return { ...derivedOwn(record._id, record.values, kind.fields), ...kind.derived(record) }
}

export function kindOfType(type: ObjectType): RecordKind {
  return byHubspotType[type]
}

/**
 * The collection of one kind, for whatever all kinds have in common. Name the kind's document where
 * it is known: `recordsOf(collections, kind).find<DocumentOf<K>>(…)`.
 */
export function recordsOf(
  collections: Pick<Collections, 'leads' | 'deals'>,
  { collection }: Pick<RecordKind, 'collection'>,
): Collection<AnyRecord> {
  // The driver's type of a collection of one kind does not fit that of any kind, since it takes
  // documents as well as it gives them. Each kind's documents go to its own collection only.
  return collections[collection] as unknown as Collection<AnyRecord>
}

/** Whether this record passes through stages. */
export function hasStage<D extends AnyRecord>(record: D): record is D & StageDocument {
  return 'stage_base' in record
}

/** Whether this record is associated with leads. */
export function hasAssociations<D extends AnyRecord>(
  record: D,
): record is D & AssociationsDocument {
  return 'hubspot_contact_ids' in record
}
