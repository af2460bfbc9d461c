import { z } from 'zod'
import { aroundRecords } from './published-shapes-around'
import { all, batchOf, Paging, texts, time } from './published-shapes-common'

/**
 * Answers as HubSpot's OpenAPI files of 2026-08-21 describe them: which fields there are, of which
 * type, and which are always there. A field that a file does not name is a mistake here.
 * Where the files and observed answers differ, the line says so.
 */
const record = {
  id: z.string(),
  // The files say text; an empty property is null.
  properties: z.record(z.string(), z.string().nullable()),
  createdAt: time,
  updatedAt: time,
  archived: z.boolean(),
  archivedAt: time.optional(),
  objectWriteTraceId: z.string().optional(),
  propertiesWithHistory: z.record(z.string(), z.array(z.unknown())).optional(),
  url: z.string().optional(),
}
const SimplePublicObject = z.strictObject(record)
const AssociatedId = z.strictObject({ id: z.string(), type: z.string() })
const WithAssociations = SimplePublicObject.extend({
  associations: z
    .record(
      z.string(),
      z.strictObject({ results: z.array(AssociatedId), paging: Paging.optional() }),
    )
    .optional(),
})
const Stage = z.strictObject({
  id: z.string(),
  label: z.string(),
  displayOrder: z.int(),
  metadata: texts,
  createdAt: time,
  updatedAt: time,
  archived: z.boolean(),
  archivedAt: time.optional(),
  writePermissions: z.enum(['CRM_PERMISSIONS_ENFORCEMENT', 'INTERNAL_ONLY', 'READ_ONLY']),
})

const ObjectId = z.strictObject({ id: z.string() })
const category = z.enum(['HUBSPOT_DEFINED', 'INTEGRATOR_DEFINED', 'USER_DEFINED', 'WORK'])
const LabelledType = z.strictObject({
  category,
  typeId: z.int(),
  // The files say text or nothing; a type without a label has null.
  label: z.string().nullable().optional(),
  fromObjectTypeId: z.string().optional(),
  toObjectTypeId: z.string().optional(),
})
// The files say text for the ids of these answers; recorded ones have numbers.
const recordId = z.union([z.string(), z.int()])
const NamedAssociation = z.strictObject({ from: ObjectId, to: ObjectId, type: z.string() })
const Option = z.strictObject({
  label: z.string(),
  value: z.string(),
  hidden: z.boolean(),
  displayOrder: z.int().optional(),
  description: z.string().optional(),
})
const Property = z.strictObject({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  fieldType: z.string(),
  description: z.string(),
  groupName: z.string(),
  options: z.array(Option),
  displayOrder: z.int().optional(),
  calculated: z.boolean().optional(),
  externalOptions: z.boolean().optional(),
  hasUniqueValue: z.boolean().optional(),
  hidden: z.boolean().optional(),
  hubspotDefined: z.boolean().optional(),
  formField: z.boolean().optional(),
  archived: z.boolean().optional(),
  createdAt: time.optional(),
  updatedAt: time.optional(),
  modificationMetadata: z
    .strictObject({
      archivable: z.boolean(),
      readOnlyDefinition: z.boolean(),
      readOnlyOptions: z.boolean().optional(),
      readOnlyValue: z.boolean(),
    })
    .optional(),
})
const Definition = z.strictObject({
  id: z.string(),
  name: z.string(),
  objectTypeId: z.string(),
  fullyQualifiedName: z.string(),
  labels: z.strictObject({ singular: z.string().optional(), plural: z.string().optional() }),
  description: z.string().optional(),
  primaryDisplayProperty: z.string().optional(),
  secondaryDisplayProperties: z.array(z.string()),
  requiredProperties: z.array(z.string()),
  searchableProperties: z.array(z.string()),
  allowsSensitiveProperties: z.boolean(),
  archived: z.boolean(),
  createdAt: time.optional(),
  updatedAt: time.optional(),
})
const AssociationDefinition = z.strictObject({
  id: z.string(),
  name: z.string().optional(),
  fromObjectTypeId: z.string(),
  toObjectTypeId: z.string(),
  createdAt: time.optional(),
  updatedAt: time.optional(),
})
const Schema = Definition.extend({
  properties: z.array(Property),
  associations: z.array(AssociationDefinition),
})

const JournalSubscription = z.strictObject({
  id: z.int(),
  appId: z.int(),
  subscriptionType: z.enum([
    'APP_LIFECYCLE_EVENT',
    'ASSOCIATION',
    'EVENT',
    'GDPR_PRIVACY_DELETION',
    'LIST_MEMBERSHIP',
    'OBJECT',
  ]),
  objectTypeId: z.string(),
  actions: z.array(z.string()),
  createdAt: time,
  updatedAt: time,
  portalId: z.int().optional(),
  properties: z.array(z.string()).optional(),
  objectIds: z.array(z.int()).optional(),
  associatedObjectTypeIds: z.array(z.string()).optional(),
  listIds: z.array(z.int()).optional(),
})
const JournalEntry = z.strictObject({
  currentOffset: z.uuid(),
  expiresAt: time,
  url: z.string(),
})

const Group = z.strictObject({
  name: z.string(),
  label: z.string(),
  displayOrder: z.int(),
  archived: z.boolean(),
})
export const published = {
  property: Property,
  properties: all(Property),
  propertyBatch: batchOf(Property),
  group: Group,
  groups: all(Group),
  ...aroundRecords,
  record: SimplePublicObject,
  recordWithAssociations: WithAssociations,
  recordPage: z.strictObject({ results: z.array(WithAssociations), paging: Paging.optional() }),
  searchPage: z.strictObject({
    total: z.int(),
    results: z.array(SimplePublicObject),
    paging: Paging.optional(),
  }),
  recordBatch: batchOf(SimplePublicObject),
  upsertBatch: batchOf(SimplePublicObject.extend({ new: z.boolean() })),
  pipelines: all(
    z.strictObject({
      id: z.string(),
      label: z.string(),
      displayOrder: z.int(),
      stages: z.array(Stage),
      createdAt: time,
      updatedAt: time,
      archived: z.boolean(),
      archivedAt: time.optional(),
    }),
  ),
  labels: all(LabelledType),
  associationTypes: all(z.strictObject({ id: z.string(), name: z.string() })),
  namedAssociations: batchOf(NamedAssociation),
  namedAssociationsOf: batchOf(
    z.strictObject({ from: ObjectId, to: z.array(AssociatedId), paging: Paging.optional() }),
  ),
  labelledAssociations: batchOf(
    z.strictObject({
      from: ObjectId,
      to: z.array(
        z.strictObject({ toObjectId: recordId, associationTypes: z.array(LabelledType) }),
      ),
      paging: Paging.optional(),
    }),
  ),
  labelsBetween: batchOf(
    z.strictObject({
      fromObjectTypeId: z.string(),
      fromObjectId: recordId,
      toObjectTypeId: z.string(),
      toObjectId: recordId,
      labels: z.array(z.string()),
    }),
  ),
  schema: Schema,
  schemas: all(Schema),
  schemaDefinition: Definition,
  associationDefinition: AssociationDefinition,
  exportTask: z.strictObject({ id: z.string(), links: texts.optional() }),
  exportStatus: z.strictObject({
    status: z.enum(['CANCELED', 'COMPLETE', 'PENDING', 'PROCESSING']),
    result: z.url().optional(),
    startedAt: time,
    completedAt: time,
    requestedAt: time.optional(),
    links: texts.optional(),
    numErrors: z.int().optional(),
    errors: z.array(z.unknown()).optional(),
  }),
  export: z.strictObject({
    id: z.string(),
    exportName: z.string().optional(),
    exportType: z.enum(['LIST', 'VIEW']),
    exportState: z.enum([
      'CANCELED',
      'CONFLICT',
      'DEFERRED',
      'DELETED',
      'DONE',
      'ENQUEUED',
      'FAILED',
      'PENDING_APPROVAL',
      'PROCESSING',
    ]),
    objectType: z.string(),
    objectProperties: z.array(z.string()),
    recordCount: z.int().optional(),
    createdAt: time,
    updatedAt: time,
  }),
  journalSubscription: JournalSubscription,
  journalSubscriptions: all(JournalSubscription),
  journalEntry: JournalEntry,
  journalBatch: batchOf(JournalEntry),
  journalFilter: z.strictObject({
    id: z.int(),
    createdAt: z.int(),
    filter: z.strictObject({ conditions: z.array(z.unknown()) }),
  }),
  snapshots: z.strictObject({
    snapshotResponses: z.array(
      z.strictObject({
        portalId: z.int(),
        objectId: z.int(),
        objectTypeId: z.string(),
        snapshotStatusId: z.uuid(),
      }),
    ),
  }),
  snapshotStatus: z.strictObject({
    id: z.uuid(),
    status: z.enum(['EXPIRED', 'FAILED', 'IN_PROGRESS', 'PENDING', 'SUCCESS']),
    initiatedAt: z.int(),
    completedAt: z.int().optional(),
    errorCode: z
      .enum(['INTERNAL_ERROR', 'PERMISSION_DENIED', 'TIMEOUT', 'VALIDATION_ERROR'])
      .optional(),
    message: z.string().optional(),
  }),
}
