/** How records of one kind are tied to those of another: the ids of HubSpot's own types. */
export interface Tie {
  /** Without a label */
  plain: number
  /** Of a record's primary company */
  primary?: number
}

interface ObjectTypeRow {
  /** One of them, as paths, events and association types name it */
  singular: string
  objectTypeId: string
  /** Of the first record; the same in every account: ids are unique within an account only */
  firstId: number
  /** Group of its own properties */
  group: string
  /** Contacts keep an older name for it than every other object */
  modified: string
  /** What a record shows when the request names no property */
  shown: readonly string[]
  /** Where a search looks for the words of its `query` */
  searched: readonly string[]
  /** Properties no two live records may share, beside those that are made so later */
  unique: readonly string[]
  /** HubSpot keeps the last 45 values of a contact's property, 20 of others */
  versionsKept: number
  ties: Readonly<Record<string, Tie>>
}

/**
 * The kinds of records, a row each (docs/hubspot-platform.md#objects, #associations). What stands
 * nowhere else: their properties (properties.ts) and what an account starts with (store/portal.ts).
 */
export const objectTypes = {
  contacts: {
    singular: 'contact',
    objectTypeId: '0-1',
    firstId: 51_400_201,
    group: 'contactinformation',
    modified: 'lastmodifieddate',
    shown: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
    searched: [
      'firstname',
      'lastname',
      'email',
      'phone',
      'company',
      'hs_additional_emails',
      'hs_object_id',
    ],
    unique: ['email', 'partner_reference'],
    versionsKept: 45,
    ties: { deals: { plain: 4 }, companies: { plain: 279, primary: 1 } },
  },
  deals: {
    singular: 'deal',
    objectTypeId: '0-3',
    firstId: 9_120_034_501,
    group: 'dealinformation',
    modified: 'hs_lastmodifieddate',
    shown: [
      'amount',
      'closedate',
      'createdate',
      'dealname',
      'dealstage',
      'hs_lastmodifieddate',
      'hs_object_id',
      'pipeline',
    ],
    searched: ['dealname', 'pipeline', 'dealstage', 'description', 'dealtype', 'hs_object_id'],
    unique: ['partner_deal_reference'],
    versionsKept: 20,
    ties: { contacts: { plain: 3 }, companies: { plain: 341, primary: 5 } },
  },
  companies: {
    singular: 'company',
    objectTypeId: '0-2',
    firstId: 17_300_402_601,
    group: 'companyinformation',
    modified: 'hs_lastmodifieddate',
    shown: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
    searched: ['website', 'phone', 'name', 'domain', 'hs_object_id'],
    unique: [],
    versionsKept: 20,
    ties: {
      contacts: { plain: 280, primary: 2 },
      deals: { plain: 342, primary: 6 },
    },
  },
} as const satisfies Record<string, ObjectTypeRow>

export type ObjectType = keyof typeof objectTypes

export const objectTypeNames = Object.keys(objectTypes) as ObjectType[]

/** How records of `from` are tied to those of `to`; undefined where they cannot be. */
export const tieOf = (from: ObjectType, to: ObjectType): Tie | undefined =>
  (objectTypes[from].ties as Partial<Record<ObjectType, Tie>>)[to]

/** The objects whose records can be tied to those of this one. */
export const tiedTo = (type: ObjectType): ObjectType[] =>
  objectTypeNames.filter(other => tieOf(type, other))
