import { present } from '../../support/present'

/** A route of the API that takes a body */
export interface Route {
  method?: string
  path: string
  /** A body with every field that HubSpot publishes for it, good for one use */
  body(): object
  status: number
  /** Fields that it can do without, as paths; indexes left out */
  optional?: string[]
  /** Inputs it takes at most */
  most?: number
}

/** Records that all routes may use, and ones to end */
export const known = { contact: '', deal: '', email: '' }
export const spare: string[] = []

let counter = 0
const fresh = () => `body-${++counter}@example.com`
export const endable = () => present(spare.pop())
export const objects = '/crm/objects/2026-09'
const associations = '/crm/associations/2026-09'
const type = (associationTypeId: number) => ({
  associationCategory: 'HUBSPOT_DEFINED',
  associationTypeId,
})
const creation = () => ({
  properties: { email: fresh(), lastname: null },
  associations: [{ to: { id: known.deal }, types: [type(4)] }],
  objectWriteTraceId: `t${counter}`,
})
const filters = () => [
  { propertyName: 'lifecyclestage', operator: 'IN', values: ['lead'] },
  { propertyName: 'createdate', operator: 'BETWEEN', value: '0', highValue: '1' },
]

export const routes: Route[] = [
  {
    path: `${objects}/contacts`,
    body: creation,
    status: 201,
    optional: ['associations', 'objectWriteTraceId', 'properties.email', 'properties.lastname'],
  },
  {
    method: 'PATCH',
    path: `${objects}/contacts/:contact`,
    body: () => ({ properties: { city: 'Wien' }, objectWriteTraceId: 't' }),
    status: 200,
    optional: ['objectWriteTraceId', 'properties.city'],
  },
  {
    path: `${objects}/contacts/search`,
    status: 200,
    body: () => ({
      filterGroups: [{ filters: filters() }],
      sorts: [{ propertyName: 'createdate', direction: 'ASCENDING' }],
      query: 'a',
      properties: ['email'],
      limit: 200,
      after: '0',
    }),
    // Which of a filter's values is needed is up to its operator.
    optional: ['filterGroups', 'sorts', 'sorts.direction', 'query', 'properties', 'limit', 'after'],
  },
  {
    path: `${objects}/contacts/batch/read`,
    body: () => ({
      inputs: [{ id: known.email }],
      idProperty: 'email',
      properties: ['email'],
      propertiesWithHistory: [],
    }),
    status: 200,
    optional: ['idProperty', 'properties', 'propertiesWithHistory'],
    most: 100,
  },
  {
    path: `${objects}/contacts/batch/create`,
    body: () => ({ inputs: [creation()] }),
    status: 201,
    optional: [
      'inputs.associations',
      'inputs.objectWriteTraceId',
      'inputs.properties.email',
      'inputs.properties.lastname',
    ],
    most: 100,
  },
  {
    path: `${objects}/contacts/batch/update`,
    body: () => ({
      inputs: [
        {
          id: known.email,
          idProperty: 'email',
          properties: { city: 'Graz' },
          objectWriteTraceId: 't',
        },
      ],
    }),
    status: 200,
    optional: ['inputs.idProperty', 'inputs.objectWriteTraceId', 'inputs.properties.city'],
    most: 100,
  },
  {
    path: `${objects}/contacts/batch/upsert`,
    body: () => ({
      inputs: [
        { id: fresh(), idProperty: 'email', properties: { city: 'Linz' }, objectWriteTraceId: 't' },
      ],
    }),
    status: 200,
    optional: ['inputs.idProperty', 'inputs.objectWriteTraceId', 'inputs.properties.city'],
    most: 100,
  },
  {
    path: `${objects}/contacts/batch/archive`,
    body: () => ({ inputs: [{ id: endable() }] }),
    status: 204,
    most: 100,
  },
  {
    path: `${objects}/contacts/merge`,
    body: () => ({ primaryObjectId: known.contact, objectIdToMerge: endable() }),
    status: 200,
  },
  {
    path: `${objects}/contacts/gdpr-delete`,
    body: () => ({ objectId: fresh(), idProperty: 'email' }),
    status: 204,
    optional: ['idProperty'],
  },
  {
    path: `${associations}/deals/contacts/batch/read`,
    body: () => ({ inputs: [{ id: known.deal, after: '0' }] }),
    status: 200,
    optional: ['inputs.after'],
    most: 1_000,
  },
  {
    path: `${associations}/deals/contacts/batch/associate/default`,
    body: () => ({ inputs: [{ from: { id: known.deal }, to: { id: known.contact } }] }),
    status: 200,
    most: 2_000,
  },
  {
    path: `${associations}/deals/contacts/batch/create`,
    body: () => ({
      inputs: [{ from: { id: known.deal }, to: { id: known.contact }, types: [type(3)] }],
    }),
    status: 200,
    most: 2_000,
  },
  {
    path: `${associations}/deals/contacts/batch/archive`,
    body: () => ({ inputs: [{ from: { id: known.deal }, to: [{ id: endable() }] }] }),
    status: 200,
    most: 2_000,
  },
  {
    method: 'PUT',
    path: `${objects}/deals/:deal/associations/contacts/:contact`,
    body: () => [type(3)],
    status: 201,
  },
]
