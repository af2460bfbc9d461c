import { objectTypes, type ObjectType } from './object-types'

export type PropertyType =
  'string' | 'number' | 'date' | 'datetime' | 'enumeration' | 'bool' | 'phone_number'

export interface PropertyOption {
  label: string
  value: string
  displayOrder: number
  hidden: boolean
  description: string
}

/** A property as `GET /crm/properties/…` describes it. */
export interface PropertyDefinition {
  name: string
  label: string
  type: PropertyType
  fieldType: string
  description: string
  groupName: string
  options: PropertyOption[]
  displayOrder: number
  calculated: boolean
  externalOptions: boolean
  hasUniqueValue: boolean
  hidden: boolean
  hubspotDefined: boolean
  modificationMetadata: {
    archivable: boolean
    readOnlyDefinition: boolean
    readOnlyOptions?: boolean
    readOnlyValue: boolean
  }
  formField: boolean
  archived: boolean
  createdAt: string
  updatedAt: string
}

/** A group as `GET /crm/properties/…/groups` describes it. */
export interface PropertyGroup {
  name: string
  label: string
  displayOrder: number
  archived: boolean
}

/** The one group that the properties of an object start in. */
export function defaultGroups(object: ObjectType): PropertyGroup[] {
  const { group, singular } = objectTypes[object]
  const label = `${singular[0]?.toUpperCase()}${singular.slice(1)} information`
  return [{ name: group, label, displayOrder: 0, archived: false }]
}

interface Traits {
  options?: readonly (readonly [value: string, label: string])[]
  readOnly?: boolean
  calculated?: boolean
  unique?: boolean
  custom?: boolean
  fieldType?: string
}

const defaultFieldTypes: Record<PropertyType, string> = {
  string: 'text',
  number: 'number',
  date: 'date',
  datetime: 'date',
  enumeration: 'select',
  bool: 'booleancheckbox',
  phone_number: 'phonenumber',
}

/** Makes a definition the way HubSpot would list it. */
export function defineProperty(
  object: ObjectType,
  name: string,
  label: string,
  type: PropertyType,
  traits: Traits = {},
): PropertyDefinition {
  const readOnly = traits.readOnly === true || traits.calculated === true
  return {
    name,
    label,
    type,
    fieldType:
      traits.fieldType ?? (traits.calculated ? 'calculation_equation' : defaultFieldTypes[type]),
    description: '',
    groupName: objectTypes[object].group,
    options: (traits.options ?? []).map(([value, text], displayOrder) => ({
      label: text,
      value,
      displayOrder,
      hidden: false,
      description: '',
    })),
    displayOrder: -1,
    calculated: traits.calculated === true,
    externalOptions: name === 'hubspot_owner_id',
    hasUniqueValue: traits.unique === true,
    hidden: false,
    hubspotDefined: !traits.custom,
    modificationMetadata: {
      archivable: traits.custom === true,
      readOnlyDefinition: !traits.custom,
      ...(type === 'enumeration' ? { readOnlyOptions: false } : {}),
      readOnlyValue: readOnly,
    },
    formField: !readOnly,
    archived: false,
    createdAt: '2024-01-08T07:00:00Z',
    updatedAt: '2024-01-08T07:00:00Z',
  }
}

/** HubSpot's own, in their order; contacts and companies share them. */
const lifecycleStages = [
  ['subscriber', 'Subscriber'],
  ['lead', 'Lead'],
  ['marketingqualifiedlead', 'Marketing Qualified Lead'],
  ['salesqualifiedlead', 'Sales Qualified Lead'],
  ['opportunity', 'Opportunity'],
  ['customer', 'Customer'],
  ['evangelist', 'Evangelist'],
  ['other', 'Other'],
] as const

/** The properties a new portal has; `currencies` are the codes its deals may be in. */
export function defaultProperties(
  object: ObjectType,
  currencies: readonly string[],
): PropertyDefinition[] {
  const define = (name: string, label: string, type: PropertyType, traits?: Traits) =>
    defineProperty(object, name, label, type, traits)
  const common = [
    define('createdate', 'Create Date', 'datetime', { readOnly: true }),
    define('hs_object_id', 'Record ID', 'number', { readOnly: true, unique: true }),
    define('hs_merged_object_ids', 'Merged record IDs', 'enumeration', {
      readOnly: true,
      fieldType: 'checkbox',
    }),
    define('hubspot_owner_id', 'Owner', 'enumeration'),
    define('hs_object_source', 'Record source', 'string', { readOnly: true }),
    define('hs_object_source_id', 'Record source ID', 'string', { readOnly: true }),
    define('hs_object_source_label', 'Record source label', 'string', { readOnly: true }),
  ]
  const lifecycleStage = define('lifecyclestage', 'Lifecycle Stage', 'enumeration', {
    fieldType: 'radio',
    options: lifecycleStages,
  })
  if (object === 'companies') {
    return [
      ...common,
      define('name', 'Company name', 'string'),
      define('domain', 'Company Domain Name', 'string'),
      define('website', 'Website URL', 'string'),
      define('phone', 'Phone Number', 'string', { fieldType: 'phonenumber' }),
      define('address', 'Street Address', 'string'),
      define('city', 'City', 'string'),
      define('state', 'State/Region', 'string'),
      define('zip', 'Postal Code', 'string'),
      define('country', 'Country/Region', 'string'),
      define('description', 'Description', 'string', { fieldType: 'textarea' }),
      define('numberofemployees', 'Number of Employees', 'number'),
      define('annualrevenue', 'Annual Revenue', 'number'),
      lifecycleStage,
      define('hs_lastmodifieddate', 'Last Modified Date', 'datetime', { readOnly: true }),
      define('num_associated_contacts', 'Number of Associated Contacts', 'number', {
        calculated: true,
      }),
      define('num_associated_deals', 'Number of Associated Deals', 'number', { calculated: true }),
    ]
  }
  if (object === 'contacts') {
    return [
      ...common,
      define('email', 'Email', 'string'),
      define('hs_email_domain', 'Email Domain', 'string', { readOnly: true }),
      define('firstname', 'First Name', 'string'),
      define('lastname', 'Last Name', 'string'),
      define('phone', 'Phone Number', 'string', { fieldType: 'phonenumber' }),
      define('mobilephone', 'Mobile Phone Number', 'string', { fieldType: 'phonenumber' }),
      define('company', 'Company Name', 'string'),
      define('jobtitle', 'Job Title', 'string'),
      define('website', 'Website URL', 'string'),
      define('city', 'City', 'string'),
      define('country', 'Country/Region', 'string'),
      lifecycleStage,
      define('hs_lead_status', 'Lead Status', 'enumeration', {
        fieldType: 'radio',
        options: [
          ['NEW', 'New'],
          ['OPEN', 'Open'],
          ['IN_PROGRESS', 'In Progress'],
          ['UNQUALIFIED', 'Unqualified'],
        ],
      }),
      define('date_of_birth', 'Date of birth', 'string'),
      define('hs_additional_emails', 'Additional email addresses', 'enumeration', {
        readOnly: true,
        fieldType: 'checkbox',
      }),
      define('lastmodifieddate', 'Last Modified Date', 'datetime', { readOnly: true }),
      define('num_associated_deals', 'Number of Associated Deals', 'number', { calculated: true }),
      define('partner_tier', 'Partner tier', 'enumeration', {
        custom: true,
        options: [
          ['gold', 'Gold'],
          ['silver', 'Silver'],
          ['bronze', 'Bronze'],
        ],
      }),
      define('partner_score', 'Partner score', 'number', { custom: true }),
      define('partner_since', 'Partner since', 'date', { custom: true }),
      define('partner_newsletter', 'Partner newsletter', 'bool', {
        custom: true,
        options: [
          ['true', 'Yes'],
          ['false', 'No'],
        ],
      }),
      define('partner_reference', 'Partner reference', 'string', { custom: true, unique: true }),
    ]
  }
  return [
    ...common,
    define('dealname', 'Deal Name', 'string'),
    define('amount', 'Amount', 'number'),
    define('closedate', 'Close Date', 'datetime'),
    define('pipeline', 'Pipeline', 'enumeration'),
    define('dealstage', 'Deal Stage', 'enumeration', { fieldType: 'radio' }),
    define('deal_currency_code', 'Currency', 'enumeration', {
      options: currencies.map(code => [code, code] as const),
    }),
    define('dealtype', 'Deal Type', 'enumeration', {
      fieldType: 'radio',
      options: [
        ['newbusiness', 'New Business'],
        ['existingbusiness', 'Existing Business'],
      ],
    }),
    define('description', 'Deal Description', 'string', { fieldType: 'textarea' }),
    define('hs_lastmodifieddate', 'Last Modified Date', 'datetime', { readOnly: true }),
    define('hs_deal_stage_probability', 'Deal probability', 'number', { calculated: true }),
    define('hs_is_closed', 'Is Deal Closed?', 'bool', { calculated: true }),
    define('hs_is_closed_won', 'Is Closed Won', 'bool', { calculated: true }),
    define('num_associated_contacts', 'Number of Associated Contacts', 'number', {
      calculated: true,
    }),
    define('referral_code', 'Referral code', 'string', { custom: true }),
    define('partner_deal_reference', 'Partner deal reference', 'string', {
      custom: true,
      unique: true,
    }),
  ]
}
