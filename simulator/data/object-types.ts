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
  /** HubSpot keeps the last 45 values of a contact's property, 20 of others */
  versionsKept: number
  /** Where its records move through stages: the properties that say in which pipeline and stage */
  pipeline?: {
    property: string
    stage: string
    /** What HubSpot dates when a stage ends the record, with the setting `setsCloseDate` */
    closed?: string
  }
  /** Names without which no record is made; v3 does without */
  needed: readonly string[]
  /** Has a life cycle stage, which begins at `lead` and only moves forward */
  hasLifecycle: boolean
  /** The one scope that opens all of it; left out: `crm.objects.{type}.read` and so on */
  scope?: string
  /** A place for an object that an account defines itself (store/schemas.ts) */
  isCustom?: boolean
  /** Of which kind are the `associations` of the control API; none: it has no such shorthand */
  partner?: string
  ties: Readonly<Record<string, Tie>>
}

/**
 * The kinds of records, a row each (docs/hubspot-platform.md#objects, #associations). What stands
 * nowhere else: their properties (default-properties.ts), pipelines (pipelines.ts), and what an
 * account starts with (store/portal.ts). A kind of records is a row here, and its properties.
 */
const customRow = (place: number): ObjectTypeRow => ({
  singular: `custom_${place}`,
  objectTypeId: `2-44100${place}01`,
  firstId: 7_700_000_001 + place * 100_000_000,
  group: 'custom_information',
  modified: 'hs_lastmodifieddate',
  shown: ['createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  searched: [],
  versionsKept: 20,
  needed: [],
  hasLifecycle: false,
  isCustom: true,
  ties: {},
})

const rows = {
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
    versionsKept: 45,
    needed: [],
    hasLifecycle: true,
    partner: 'deals',
    ties: {
      deals: { plain: 4 },
      companies: { plain: 279, primary: 1 },
      tickets: { plain: 15 },
    },
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
    versionsKept: 20,
    pipeline: { property: 'pipeline', stage: 'dealstage', closed: 'closedate' },
    needed: ['dealname', 'dealstage'],
    hasLifecycle: false,
    partner: 'contacts',
    ties: {
      contacts: { plain: 3 },
      companies: { plain: 341, primary: 5 },
      tickets: { plain: 27 },
    },
  },
  companies: {
    singular: 'company',
    objectTypeId: '0-2',
    firstId: 17_300_402_601,
    group: 'companyinformation',
    modified: 'hs_lastmodifieddate',
    shown: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
    searched: ['website', 'phone', 'name', 'domain', 'hs_object_id'],
    versionsKept: 20,
    needed: [],
    hasLifecycle: true,
    partner: 'contacts',
    ties: {
      contacts: { plain: 280, primary: 2 },
      deals: { plain: 342, primary: 6 },
      tickets: { plain: 340, primary: 25 },
    },
  },
  tickets: {
    singular: 'ticket',
    objectTypeId: '0-5',
    firstId: 2_900_040_701,
    group: 'ticketinformation',
    modified: 'hs_lastmodifieddate',
    shown: [
      'content',
      'createdate',
      'hs_lastmodifieddate',
      'hs_object_id',
      'hs_pipeline',
      'hs_pipeline_stage',
      'hs_ticket_category',
      'hs_ticket_priority',
      'subject',
    ],
    searched: ['subject', 'content', 'hs_pipeline_stage', 'hs_ticket_category', 'hs_object_id'],
    versionsKept: 20,
    pipeline: { property: 'hs_pipeline', stage: 'hs_pipeline_stage' },
    needed: ['subject', 'hs_pipeline_stage'],
    hasLifecycle: false,
    scope: 'tickets',
    partner: 'contacts',
    ties: {
      contacts: { plain: 16 },
      companies: { plain: 339, primary: 26 },
      deals: { plain: 28 },
    },
  },
  custom_1: customRow(1),
  custom_2: customRow(2),
  custom_3: customRow(3),
} as const satisfies Record<string, ObjectTypeRow>

export type ObjectType = keyof typeof rows

export const objectTypes: Readonly<Record<ObjectType, ObjectTypeRow>> = rows

export const objectTypeNames = Object.keys(objectTypes) as [ObjectType, ...ObjectType[]]

const isCustom = (type: ObjectType) => objectTypes[type].isCustom === true

/** The objects that every account has, and the places for those that an account defines. */
export const standardTypes = objectTypeNames.filter(type => !isCustom(type)) as [
  ObjectType,
  ...ObjectType[],
]
export const customTypes = objectTypeNames.filter(isCustom)

/** Types of ties with custom objects are numbered by the two kinds. */
const firstCustomTie = 10_001
const customTie = (from: ObjectType, to: ObjectType): Tie => ({
  plain:
    firstCustomTie +
    objectTypeNames.indexOf(from) * objectTypeNames.length +
    objectTypeNames.indexOf(to),
})

/** How records of `from` are tied to those of `to`; undefined where they cannot be. */
export const tieOf = (from: ObjectType, to: ObjectType): Tie | undefined =>
  from !== to && (isCustom(from) || isCustom(to)) ? customTie(from, to) : objectTypes[from].ties[to]

/** The objects whose records can be tied to those of this one. */
export const tiedTo = (type: ObjectType): ObjectType[] =>
  objectTypeNames.filter(other => tieOf(type, other))
