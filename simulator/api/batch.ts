import type { ObjectType } from '../data/object-types'
import { hubspotTime } from '../clock'
import {
  hubspotError,
  invalidInput,
  noContent,
  notFound,
  type ErrorBody,
  type Reply,
} from '../http'
import { archiveRecord } from '../store/changes'
import type { RecordView } from '../store/record'
import { batchAnswer, splitByChance, type BatchError } from './batch-answer'
import { bodyOf, checkQuery } from './bodies'
import { methodNotAllowed, readScope, writeScope, type ApiCall, type ApiHandler } from './call'
import { findRecord } from './objects'
import { histories, present } from './presenter'
import { refusalByChance } from './refusals'
import { objectName, planCreation, planUpdate, type Plan, type Refusal } from './writes'

const actions = new Map<string, (call: ApiCall, type: ObjectType) => Reply>(
  Object.entries({ read, create, update, upsert, archive }),
)

/** `/{type}/batch/{action}` */
export function batchRoutes(type: ObjectType, action: string): ApiHandler {
  return call => {
    const handler = actions.get(action)
    if (!handler) throw notFound()
    if (call.request.method !== 'POST') throw methodNotAllowed()
    call.requireScope(action === 'read' ? readScope(type) : writeScope(type))
    checkQuery(call, action === 'read' ? ['archived'] : [])
    return handler(call, type)
  }
}

/** What inputs of all writes have in common */
interface Input {
  properties: Record<string, string | null>
  objectWriteTraceId?: string
}

function notFoundError(type: ObjectType, ids: string[]): BatchError {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message: `Could not get some ${objectName(type)} objects, they may be deleted or not exist. Check that ids are valid.`,
    context: { ids },
  }
}

function read(call: ApiCall, type: ObjectType): Reply {
  const { portal, world, request } = call
  const {
    inputs,
    properties = [],
    propertiesWithHistory: past = [],
    idProperty = null,
  } = bodyOf(call, bodies => bodies.batch.read)
  const startedAt = hubspotTime(world.clock.now())
  const archived = request.query.get('archived') === 'true'
  const results = new Map<string, unknown>()
  const missing: string[] = []
  const ids = [...new Set(inputs.map(input => input.id))]
  const { taken, refused } = splitByChance(call, ids, id => ({ ids: [id] }))
  for (const id of taken) {
    const record = findRecord(portal, type, id, idProperty, world.settings.mergedContactsResolve)
    if (record && (record.archivedAt !== null) === archived)
      results.set(record.id, {
        ...present(portal, type, record, properties),
        ...(past.length > 0
          ? { propertiesWithHistory: histories(portal, type, record, past) }
          : {}),
      })
    else missing.push(id)
  }
  return batchAnswer(
    call,
    200,
    [...results.values()],
    [...(missing.length === 0 ? [] : [notFoundError(type, missing)]), ...refused],
    startedAt,
  )
}

/** Whether every input names itself, uniquely: only then may a batch succeed in part. */
function isTraced(inputs: readonly Input[]): boolean {
  const ids = inputs.map(input => input.objectWriteTraceId)
  return ids.every(id => id !== undefined && id !== '') && new Set(ids).size === ids.length
}

/**
 * Does the inputs one by one. Without trace ids the first failure fails the whole batch, so all are
 * checked before anything is written.
 * @throws {RefusedRequest} the first failure of a batch without trace ids
 */
function writeEach<I extends Input>(
  { world }: ApiCall,
  inputs: I[],
  plan: (input: I) => Plan | Refusal,
): { done: { input: I; record: RecordView }[]; errors: BatchError[] } {
  const done: { input: I; record: RecordView }[] = []
  const errors: BatchError[] = []
  if (isTraced(inputs)) {
    for (const input of inputs) {
      const refusal = refusalByChance(world)
      const planned = refusal ? { status: 400, error: refusal } : plan(input)
      if ('error' in planned)
        errors.push(batchError(planned.error, String(input.objectWriteTraceId)))
      else done.push({ input, record: planned.apply() })
    }
    return { done, errors }
  }
  const taken = new Set<string>()
  const plans = inputs.map(input => {
    const planned = plan(input)
    if ('error' in planned) throw hubspotError(planned.status, planned.error)
    for (const value of planned.takes) {
      if (taken.has(value))
        throw invalidInput(`Duplicate unique values found in batch input: ${value}`)
      taken.add(value)
    }
    return { input, planned }
  })
  for (const { input, planned } of plans) done.push({ input, record: planned.apply() })
  return { done, errors }
}

function batchError(
  { category, message, errors, context, subCategory }: ErrorBody,
  objectWriteTraceId: string,
): BatchError {
  return {
    status: 'error',
    category,
    message,
    context: { ...context, objectWriteTraceId: [objectWriteTraceId] },
    ...(subCategory === undefined ? {} : { subCategory }),
    ...(errors ? { errors } : {}),
  }
}

function presented(
  { portal }: ApiCall,
  type: ObjectType,
  done: { input: Input; record: RecordView }[],
  isNew?: (record: RecordView) => boolean,
): unknown[] {
  return done.map(({ input, record }) => ({
    ...present(
      portal,
      type,
      portal.store(type).view(record.index) ?? record,
      Object.keys(input.properties),
    ),
    ...(input.objectWriteTraceId === undefined
      ? {}
      : { objectWriteTraceId: input.objectWriteTraceId }),
    ...(isNew ? { new: isNew(record) } : {}),
  }))
}

function create(call: ApiCall, type: ObjectType): Reply {
  const { inputs } = bodyOf(call, bodies => bodies.batch.create)
  const startedAt = hubspotTime(call.world.clock.now())
  const { done, errors } = writeEach(call, inputs, input => planCreation(call, type, input))
  return batchAnswer(call, 201, presented(call, type, done), errors, startedAt)
}

type NamedInput = Input & { id: string; idProperty?: string }

function update(call: ApiCall, type: ObjectType): Reply {
  const { inputs } = bodyOf(call, bodies => bodies.batch.update)
  const startedAt = hubspotTime(call.world.clock.now())
  refuseDuplicates(inputs)
  const { portal } = call
  const find = (input: NamedInput) => {
    const record = findRecord(portal, type, input.id, input.idProperty ?? null, false)
    return record?.archivedAt === null ? record : null
  }
  const missing = inputs.filter(input => find(input) === null).map(input => input.id)
  const found = inputs.filter(input => find(input) !== null)
  const { done, errors } = writeEach(call, found, input => {
    const record = find(input)
    return record
      ? planUpdate(call, type, record, input)
      : { status: 404, error: { category: 'OBJECT_NOT_FOUND', message: 'resource not found' } }
  })
  return batchAnswer(
    call,
    200,
    presented(call, type, done),
    [...(missing.length === 0 ? [] : [missingError(type, inputs, missing)]), ...errors],
    startedAt,
  )
}

/** Names the missing by id, and by trace id where the inputs have one. */
function missingError(type: ObjectType, inputs: NamedInput[], missing: string[]): BatchError {
  const error = notFoundError(type, missing)
  if (!isTraced(inputs)) return error
  const traces = inputs
    .filter(input => missing.includes(input.id))
    .map(input => String(input.objectWriteTraceId))
  return { ...error, context: { ...error.context, objectWriteTraceId: traces } }
}

function upsert(call: ApiCall, type: ObjectType): Reply {
  const { inputs } = bodyOf(call, bodies => bodies.batch.upsert)
  const startedAt = hubspotTime(call.world.clock.now())
  refuseDuplicates(inputs)
  const { portal } = call
  const created = new Set<string>()
  // Partial upserts are not supported when the e-mail address identifies the record.
  const byEmail = inputs.some(input => input.idProperty === 'email')
  const untraced = byEmail ? inputs.map(({ objectWriteTraceId: _, ...input }) => input) : inputs
  const { done, errors } = writeEach(call, untraced, input => {
    const { id, idProperty } = input
    if (idProperty === undefined)
      return {
        status: 400,
        error: { category: 'VALIDATION_ERROR', message: 'idProperty is required for upserts' },
      }
    const existing = findRecord(portal, type, id, idProperty, false)
    if (existing?.archivedAt === null) return planUpdate(call, type, existing, input)
    const properties = { [idProperty]: id, ...input.properties }
    const planned = planCreation(call, type, { properties })
    if ('error' in planned) return planned
    return {
      ...planned,
      apply() {
        const record = planned.apply()
        created.add(record.id)
        return record
      },
    }
  })
  const named = done.map(({ input, record }, index) => ({
    record,
    input: byEmail ? (inputs[index] ?? input) : input,
  }))
  return batchAnswer(
    call,
    200,
    presented(call, type, named, record => created.has(record.id)),
    errors,
    startedAt,
  )
}

function archive(call: ApiCall, type: ObjectType): Reply {
  for (const { id } of bodyOf(call, bodies => bodies.batch.archive).inputs) {
    const record = findRecord(call.portal, type, id, null, false)
    if (record) archiveRecord(call.portal, type, record, { source: call.source })
  }
  return noContent()
}

function refuseDuplicates(inputs: NamedInput[]): void {
  const ids = inputs.map(input => input.id)
  const twice = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))]
  if (twice.length > 0)
    throw invalidInput(
      `Duplicate IDs found in batch input: [${twice.join(', ')}]. IDs must be unique`,
    )
}
