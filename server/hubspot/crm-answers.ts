import { z } from 'zod'
import type { CrmObject, HubspotOwner, HubspotPipeline, HubspotProperty } from './crm-types'
import { HubspotError } from './errors'

/**
 * What HubSpot's CRM answers, read tolerantly: unknown fields are dropped, what we rely on is
 * checked.
 * @see docs/hubspot-platform.md#objects
 */

/**
 * Ids are texts in the CRM API; association ids come as numbers as well. A number that lost digits
 * in parsing is no id.
 */
export const Id = z.union([
  z.string().regex(/^\d{1,20}$/),
  z.number().int().nonnegative().refine(Number.isSafeInteger).transform(String),
])
const Value = z.union([z.string(), z.null(), z.union([z.number(), z.boolean()]).transform(String)])
/** Opaque; must not be empty, or paging would start again */
const After = z.union([z.string().min(1).max(2000), z.number().transform(String)])
export const Paging = z.object({ next: z.object({ after: After }).nullish() }).nullish()

const AssociatedIds = z.object({ results: z.array(z.object({ id: Id })), paging: Paging })

export const WireObject = z.object({
  id: Id,
  properties: z.record(z.string(), Value).nullish(),
  createdAt: z.string(),
  updatedAt: z.string(),
  archived: z.boolean().nullish(),
  archivedAt: z.string().nullish(),
  associations: z.record(z.string(), AssociatedIds).nullish(),
  objectWriteTraceId: z.string().nullish(),
})
export type WireObject = z.infer<typeof WireObject>

export const WirePage = z.object({ results: z.array(WireObject).max(1000), paging: Paging })
export const WireSearchPage = WirePage.extend({ total: z.number().int().nonnegative() })

const WireBatchError = z.object({
  status: z.string().nullish(),
  category: z.string().nullish(),
  /** Text in recorded answers, an object in HubSpot's specification */
  subCategory: z.unknown().optional(),
  message: z.string().nullish(),
  id: z.string().nullish(),
  context: z.record(z.string(), z.array(z.string())).nullish().catch(null),
  errors: z
    .array(
      z.object({
        message: z.string().nullish(),
        code: z.string().nullish(),
        context: z.record(z.string(), z.array(z.string())).nullish().catch(null),
      }),
    )
    .nullish()
    .catch(null),
})
export type WireBatchError = z.infer<typeof WireBatchError>

/** `PENDING`, `PROCESSING` and `CANCELED`: not all of it was done */
const BatchStatus = z.string().nullish().catch(null)

export const WireBatch = z.object({
  status: BatchStatus,
  results: z.array(WireObject).max(1000),
  errors: z.array(WireBatchError).nullish(),
  correlationId: z.string().nullish(),
})
export type WireBatch = z.infer<typeof WireBatch>

/** Whether HubSpot did all of a batch. Older answers have no status. */
export function isComplete({ status }: { status?: string | null | undefined }): boolean {
  return !status || status.toUpperCase() === 'COMPLETE'
}

/** "This record has no associations" is an answer, although it comes as an error. */
export function saysNoAssociations(error: WireBatchError): boolean {
  return JSON.stringify(error.subCategory ?? '').includes('NO_ASSOCIATIONS_FOUND')
}

/** The ids of records that an error is about. */
export function idsOfError({ id, context }: WireBatchError): string[] {
  const named = Object.entries(context ?? {}).flatMap(([name, ids]) =>
    ['id', 'ids', 'fromObjectId'].includes(name) ? ids : [],
  )
  return [...named, ...(id ? [id] : [])]
}

const WireVersion = z.object({
  timestamp: z.string(),
  value: Value.nullish(),
  sourceType: z.string().nullish(),
})
export type WireVersion = z.infer<typeof WireVersion>
export const WireHistories = z.object({
  status: BatchStatus,
  errors: z.array(WireBatchError).nullish(),
  results: z
    .array(
      z.object({
        id: Id,
        propertiesWithHistory: z.record(z.string(), z.array(WireVersion)).nullish(),
      }),
    )
    .max(1000),
})

export const WireAssociations = z.object({
  status: BatchStatus,
  results: z.array(
    z.object({
      from: z.object({ id: Id }),
      to: z.array(z.object({ toObjectId: Id })),
      paging: Paging,
    }),
  ),
  errors: z.array(WireBatchError).nullish(),
})

const WireProperty = z.object({
  name: z.string(),
  label: z.string().nullish(),
  type: z.string(),
  fieldType: z.string().nullish(),
  groupName: z.string().nullish(),
  description: z.string().nullish(),
  options: z
    .array(
      z.object({
        label: z.string(),
        value: z.string(),
        hidden: z.boolean().nullish(),
        displayOrder: z.number().nullish(),
      }),
    )
    .nullish(),
  calculated: z.boolean().nullish(),
  hidden: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  hasUniqueValue: z.boolean().nullish(),
  modificationMetadata: z.object({ readOnlyValue: z.boolean().nullish() }).nullish(),
})
export const WireProperties = z.object({ results: z.array(WireProperty) })

const WireStage = z.object({
  id: z.string(),
  label: z.string(),
  displayOrder: z.number().nullish(),
  archived: z.boolean().nullish(),
  metadata: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .nullish(),
  writePermissions: z.string().nullish().catch(null),
})
const WirePipeline = z.object({
  id: z.string(),
  label: z.string(),
  displayOrder: z.number().nullish(),
  archived: z.boolean().nullish(),
  stages: z.array(WireStage),
})
export const WirePipelines = z.object({ results: z.array(WirePipeline) })

const WireOwner = z.object({
  id: Id,
  email: z.string().nullish(),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  archived: z.boolean().nullish(),
})
export const WireOwners = z.object({ results: z.array(WireOwner), paging: Paging })

export function afterOf(page: { paging?: z.infer<typeof Paging> }): string | null {
  return page.paging?.next?.after ?? null
}

/**
 * @param asked the cursor that the page was asked with
 * @returns the cursor of the next page, `null` on the last one
 * @throws {HubspotError} for a cursor that does not advance: following it would never end
 */
export function nextCursor(
  page: { paging?: z.infer<typeof Paging> },
  asked: string | undefined,
): string | null {
  const after = afterOf(page)
  if (after !== null && after === asked)
    throw new HubspotError({ kind: 'transient', status: 200, category: 'CURSOR_STANDS_STILL' })
  return after
}

/**
 * @param associated types that were asked for: a record without any of them has an empty list, not
 *   none
 */
export function toObject(wire: WireObject, associated: readonly string[] = []): CrmObject {
  const object: CrmObject = {
    id: wire.id,
    properties: wire.properties ?? {},
    createdAt: wire.createdAt,
    updatedAt: wire.updatedAt,
    archived: wire.archived ?? false,
  }
  if (wire.archivedAt) object.archivedAt = wire.archivedAt
  if (associated.length > 0) {
    object.associations = Object.fromEntries(
      associated.map(type => [
        type,
        [...new Set(wire.associations?.[type]?.results.map(({ id }) => id) ?? [])],
      ]),
    )
  }
  return object
}

/** @returns whether HubSpot gave only the first of a record's associations */
export function hasMoreAssociations(wire: WireObject, type: string): boolean {
  const associated = wire.associations?.[type]
  return associated !== undefined && afterOf(associated) !== null
}

export function toProperty(wire: z.infer<typeof WireProperty>): HubspotProperty {
  const calculated = wire.calculated ?? false
  return {
    name: wire.name,
    label: wire.label ?? wire.name,
    type: wire.type,
    fieldType: wire.fieldType ?? '',
    groupName: wire.groupName ?? '',
    description: wire.description ?? '',
    options: (wire.options ?? []).map(option => ({
      label: option.label,
      value: option.value,
      hidden: option.hidden ?? false,
      displayOrder: option.displayOrder ?? 0,
    })),
    calculated,
    hidden: wire.hidden ?? false,
    archived: wire.archived ?? false,
    hasUniqueValue: wire.hasUniqueValue ?? false,
    writable: !calculated && wire.modificationMetadata?.readOnlyValue !== true,
  }
}

/** Whoever may change a deal may move it to such a stage; any other word keeps apps out. */
const usualPermissions = ['', 'CRM_PERMISSIONS_ENFORCEMENT']

export function toPipeline(wire: z.infer<typeof WirePipeline>): HubspotPipeline {
  return {
    id: wire.id,
    label: wire.label,
    displayOrder: wire.displayOrder ?? 0,
    archived: wire.archived ?? false,
    stages: wire.stages.map(stage => {
      // Metadata values are texts: "false", "0.2"
      const probability = Number.parseFloat(String(stage.metadata?.probability ?? ''))
      const known = Number.isFinite(probability)
      const isClosed =
        String(stage.metadata?.isClosed ?? '') === 'true' || probability === 0 || probability === 1
      return {
        id: stage.id,
        label: stage.label,
        displayOrder: stage.displayOrder ?? 0,
        archived: stage.archived ?? false,
        probability: known ? probability : null,
        isClosed,
        isWon: isClosed && probability === 1,
        isReadOnly: !usualPermissions.includes(stage.writePermissions ?? ''),
      }
    }),
  }
}

export function toOwner(wire: z.infer<typeof WireOwner>): HubspotOwner {
  return {
    id: wire.id,
    email: wire.email ?? null,
    firstName: wire.firstName ?? null,
    lastName: wire.lastName ?? null,
    archived: wire.archived ?? false,
  }
}
