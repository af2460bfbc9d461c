import type { ObjectType } from './object-types'
import {
  defineProperty,
  type PropertyDefinition,
  type PropertyTraits,
  type PropertyType,
} from './properties'

type Define = (
  name: string,
  label: string,
  type: PropertyType,
  traits?: PropertyTraits,
) => PropertyDefinition

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

const lifecycleStage = (define: Define) =>
  define('lifecyclestage', 'Lifecycle Stage', 'enumeration', {
    fieldType: 'radio',
    options: lifecycleStages,
  })

/** What each kind has beside `common`; `currencies` are the codes its deals may be in. */
const ownProperties: Partial<
  Record<ObjectType, (define: Define, currencies: readonly string[]) => PropertyDefinition[]>
> = {
  contacts: define => [
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
    lifecycleStage(define),
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
  ],
  deals: (define, currencies) => [
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
  ],
  companies: define => [
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
    lifecycleStage(define),
    define('hs_lastmodifieddate', 'Last Modified Date', 'datetime', { readOnly: true }),
    define('num_associated_contacts', 'Number of Associated Contacts', 'number', {
      calculated: true,
    }),
    define('num_associated_deals', 'Number of Associated Deals', 'number', { calculated: true }),
  ],
  tickets: define => [
    define('subject', 'Ticket name', 'string'),
    define('content', 'Ticket description', 'string', { fieldType: 'textarea' }),
    define('hs_pipeline', 'Pipeline', 'enumeration'),
    define('hs_pipeline_stage', 'Ticket status', 'enumeration', { fieldType: 'radio' }),
    define('hs_ticket_priority', 'Priority', 'enumeration', {
      options: [
        ['LOW', 'Low'],
        ['MEDIUM', 'Medium'],
        ['HIGH', 'High'],
        ['URGENT', 'Urgent'],
      ],
    }),
    define('hs_ticket_category', 'Category', 'enumeration', {
      fieldType: 'checkbox',
      options: [
        ['PRODUCT_ISSUE', 'Product issue'],
        ['BILLING_ISSUE', 'Billing issue'],
        ['FEATURE_REQUEST', 'Feature request'],
        ['GENERAL_INQUIRY', 'General inquiry'],
      ],
    }),
    define('source_type', 'Source', 'enumeration', {
      options: [
        ['CHAT', 'Chat'],
        ['EMAIL', 'Email'],
        ['FORM', 'Form'],
        ['PHONE', 'Phone'],
      ],
    }),
    define('hs_lastmodifieddate', 'Last Modified Date', 'datetime', { readOnly: true }),
  ],
}

/** The properties a new portal has. */
export function defaultProperties(
  object: ObjectType,
  currencies: readonly string[],
): PropertyDefinition[] {
  const define: Define = (name, label, type, traits) =>
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
  const custom = [
    define('hs_lastmodifieddate', 'Last Modified Date', 'datetime', { readOnly: true }),
  ]
  return [...common, ...(ownProperties[object]?.(define, currencies) ?? custom)]
}
