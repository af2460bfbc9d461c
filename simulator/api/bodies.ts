import { z } from 'zod'
import { invalidInput, jsonBody, type SimulatorRequest } from '../http'
import type { ApiCall } from './call'

const mostInputs = 100
const mostWithHistory = 50
const mostIds = 1_000
const mostPairs = 2_000
const problem = 'There was a problem with the request'

/** Inputs of a batch, and the words against one too many. */
const inputsOf = <S extends z.ZodType>(input: S, most: number) =>
  z.array(input).max(most, {
    error: ({ input: given }) =>
      `The maximum number of inputs supported in a batch request is ${most}, but ${(given as unknown[]).length} were given`,
  })

/**
 * HubSpot's published request bodies (docs/hubspot-platform.md#objects), field by field.
 * @param strict `true`: what the bodies do not name is refused, as is a value of another type; an
 *   app that sends it has made a mistake that nobody would notice. `false`: as HubSpot does it,
 *   unknown fields are ignored, and numbers and yes/no are taken as texts.
 */
function buildBodies(strict: boolean) {
  const record = <S extends z.ZodRawShape>(shape: S) =>
    strict ? z.strictObject(shape) : z.object(shape)
  const Text: z.ZodType<string> = strict
    ? z.string()
    : z.union([z.string(), z.number(), z.boolean()]).transform(String)
  const Whole: z.ZodType<number> = strict
    ? z.int()
    : z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)])
  const Names = z.array(Text)
  const Id = record({ id: Text })
  const Values = z.record(z.string(), Text.nullable())
  const AssociationTypes = z.array(record({ associationCategory: Text, associationTypeId: Whole }))
  const Associations = z.array(record({ to: Id, types: AssociationTypes }))
  const Creation = record({
    properties: Values,
    associations: Associations.optional(),
    objectWriteTraceId: Text.optional(),
  })
  const Update = record({ properties: Values, objectWriteTraceId: Text.optional() })
  const NamedUpdate = Update.extend({ id: Text, idProperty: Text.optional() })
  const batchOf = <S extends z.ZodType>(input: S, most = mostInputs) =>
    record({ inputs: inputsOf(input, most) })

  const Filter = record({
    propertyName: Text,
    operator: Text,
    value: Text.optional(),
    highValue: Text.optional(),
    values: z.array(Text).optional(),
  })
  const FilterGroup = record({
    filters: z.array(Filter).max(6, `${problem}: too many filters in a group (at most 6)`),
  })
  /**
   * Sorts come as objects in the documentation and as strings in the specification; HubSpot takes
   * both.
   */
  const Sort = z.union([
    z.string(),
    record({ propertyName: Text, direction: z.enum(['ASCENDING', 'DESCENDING']).optional() }),
  ])
  const Search = record({
    filterGroups: z
      .array(FilterGroup)
      .max(5, `${problem}: too many filterGroups (at most 5)`)
      .refine(
        groups => groups.flatMap(({ filters }) => filters).length <= 18,
        `${problem}: too many filters (at most 18)`,
      )
      .optional(),
    sorts: z.array(Sort).max(1, `${problem}: only one sort is supported`).optional(),
    query: Text.optional(),
    properties: Names.optional(),
    limit: Whole.pipe(
      z.int().min(0).max(200, 'Invalid limit: at most 200 results a page'),
    ).optional(),
    after: Text.pipe(
      z.string().regex(/^\d*$/, 'Invalid after: it must be formatted as an integer'),
    ).optional(),
  })

  return {
    create: Creation,
    update: Update,
    search: Search,
    merge: record({ primaryObjectId: Text, objectIdToMerge: Text }),
    gdprDelete: record({ objectId: Text, idProperty: Text.optional() }),
    batch: {
      read: batchOf(Id)
        .extend({
          properties: Names.optional(),
          propertiesWithHistory: Names.optional(),
          idProperty: Text.optional(),
        })
        .refine(
          ({ inputs, propertiesWithHistory = [] }) =>
            propertiesWithHistory.length === 0 || inputs.length <= mostWithHistory,
          `The maximum number of inputs supported in a batch request for property histories is ${mostWithHistory}. Please reduce the number of items and try again`,
        ),
      create: batchOf(Creation),
      update: batchOf(NamedUpdate),
      upsert: batchOf(NamedUpdate),
      archive: batchOf(Id),
    },
    lists: {
      search: record({
        query: Text.optional(),
        listIds: z.array(Text).optional(),
        offset: Whole.optional(),
        count: Whole.optional(),
        objectTypeId: Text.optional(),
        processingTypes: Names.optional(),
        additionalProperties: Names.optional(),
        sort: Text.optional(),
      }),
      memberships: batchOf(record({ objectTypeId: Text, recordId: Text })),
    },
    associations: {
      types: AssociationTypes,
      readV3: batchOf(Id, mostIds),
      named: batchOf(record({ from: Id, to: Id, type: Text }), mostPairs),
      read: batchOf(Id.extend({ after: Text.optional() }), mostIds),
      associate: batchOf(record({ from: Id, to: Id }), mostPairs),
      create: batchOf(record({ from: Id, to: Id, types: AssociationTypes }), mostPairs),
      archive: batchOf(record({ from: Id, to: z.array(Id) }), mostPairs),
    },
  }
}
type Bodies = ReturnType<typeof buildBodies>
export type Creation = z.infer<Bodies['create']>
export type SearchBody = z.infer<Bodies['search']>

export const strictBodies = buildBodies(true)
const hubspotsBodies = buildBodies(false)

/**
 * The body, if it is JSON of the shape that `choose` picks.
 * @throws {RefusedRequest} 400 in HubSpot's words, 415
 */
export function bodyOf<S extends z.ZodType>(
  { request, world }: Pick<ApiCall, 'request' | 'world'>,
  choose: (bodies: Bodies) => S,
): z.infer<S> {
  const schema = choose(world.settings.strictBodies ? strictBodies : hubspotsBodies)
  const parsed = schema.safeParse(jsonBody(request), { reportInput: true })
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const missing = issues
    .filter(({ input, path }) => input === undefined && path.length > 0)
    .map(({ path }) => path.filter(part => typeof part === 'string').join('.'))
  const [issue] = issues
  if (issue?.code === 'unrecognized_keys')
    throw invalidInput(`${placeOf(request.body, issue.keys[0])}: unknown field "${issue.keys[0]}"`)
  if (missing.length > 0)
    throw invalidInput(`Some required fields were not set: [${[...new Set(missing)].join(', ')}]`)
  if (issue?.code === 'too_big' || issue?.code === 'custom' || issue?.code === 'invalid_format')
    throw invalidInput(issue.message)
  throw invalidInput(
    `${placeOf(
      request.body,
      issue?.path.findLast(part => typeof part === 'string'),
    )}: Cannot deserialize value`,
  )
}

/**
 * The body of a route that describes the account's schema, where it is of this shape.
 * @throws {RefusedRequest} 400 in words of our own, 415
 */
export function parsedBody<S extends z.ZodType>(request: SimulatorRequest, schema: S): z.output<S> {
  const result = schema.safeParse(jsonBody(request))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalidInput(`Invalid input: ${issue?.path.join('.')}: ${issue?.message}`)
}

/**
 * With `strictBodies`, what a route does not know in its query is refused, and values that cannot
 * be: HubSpot lets them pass in silence.
 */
export function checkQuery(
  { request: { query }, world }: Pick<ApiCall, 'request' | 'world'>,
  known: readonly string[],
): void {
  if (!world.settings.strictBodies) return
  for (const [name, value] of query) {
    if (!known.includes(name)) throw invalidInput(`Unknown query parameter "${name}"`)
    if (name === 'archived' && value !== 'true' && value !== 'false')
      throw invalidInput(`Invalid value "${value}" of archived: it must be true or false`)
  }
}

/** Calls that have no body must not have one. */
export function refuseBody({ body }: SimulatorRequest): void {
  if (body !== '') throw invalidInput('This call takes no request body')
}

/** Where a field stands, as HubSpot's parser says it. */
function placeOf(body: string, field: PropertyKey | undefined): string {
  const at = field === undefined ? 0 : Math.max(0, body.indexOf(JSON.stringify(field)))
  const lines = body.slice(0, at).split('\n')
  return `Invalid input JSON on line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`
}
