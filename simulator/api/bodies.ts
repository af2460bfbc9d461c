import { z } from 'zod'
import { invalidInput, jsonBody, type SimulatorRequest } from '../http'

/**
 * HubSpot's published request bodies (docs/hubspot-platform.md#objects), field by field: what they
 * do not name is refused, as is a value of another type. HubSpot itself lets some of it pass in
 * silence; an app that sends it has made a mistake nobody would notice.
 */
const Text = z.string()
const Names = z.array(Text)
const Id = z.strictObject({ id: Text })
const Values = z.record(Text, Text.nullable())
const AssociationTypes = z.array(
  z.strictObject({ associationCategory: Text, associationTypeId: z.int() }),
)
const Associations = z.array(z.strictObject({ to: Id, types: AssociationTypes }))

const Creation = z.strictObject({
  properties: Values,
  associations: Associations.optional(),
  objectWriteTraceId: Text.optional(),
})
export type Creation = z.infer<typeof Creation>
const Update = z.strictObject({ properties: Values, objectWriteTraceId: Text.optional() })
const NamedUpdate = Update.extend({ id: Text, idProperty: Text.optional() })

const mostInputs = 100
const mostWithHistory = 50
const mostIds = 1_000
const mostPairs = 2_000

/** Inputs of a batch, and the words against one too many. */
const inputsOf = <S extends z.ZodType>(input: S, most: number) =>
  z.array(input).max(most, {
    error: ({ input: given }) =>
      `The maximum number of inputs supported in a batch request is ${most}, but ${(given as unknown[]).length} were given`,
  })
const batchOf = <S extends z.ZodType>(input: S, most = mostInputs) =>
  z.strictObject({ inputs: inputsOf(input, most) })

const problem = 'There was a problem with the request'
const Filter = z.strictObject({
  propertyName: Text,
  operator: Text,
  value: Text.optional(),
  highValue: Text.optional(),
  values: z.array(Text).optional(),
})
const FilterGroup = z.strictObject({
  filters: z.array(Filter).max(6, `${problem}: too many filters in a group (at most 6)`),
})
/**
 * Sorts come as objects in the documentation and as strings in the specification; HubSpot takes
 * both.
 */
const Sort = z.union([
  Text,
  z.strictObject({ propertyName: Text, direction: z.enum(['ASCENDING', 'DESCENDING']).optional() }),
])
const Search = z.strictObject({
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
  limit: z.int().min(0).max(200, 'Invalid limit: at most 200 results a page').optional(),
  after: Text.regex(/^\d*$/, 'Invalid after: it must be formatted as an integer').optional(),
})
export type SearchBody = z.infer<typeof Search>

export const bodies = {
  create: Creation,
  update: Update,
  search: Search,
  merge: z.strictObject({ primaryObjectId: Text, objectIdToMerge: Text }),
  gdprDelete: z.strictObject({ objectId: Text, idProperty: Text.optional() }),
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
  associations: {
    types: AssociationTypes,
    read: batchOf(Id.extend({ after: Text.optional() }), mostIds),
    associate: batchOf(z.strictObject({ from: Id, to: Id }), mostPairs),
    archive: batchOf(z.strictObject({ from: Id, to: z.array(Id) }), mostPairs),
  },
}

/** The body, if it is JSON of that shape. @throws {RefusedRequest} 400 in HubSpot's words, 415 */
export function bodyOf<S extends z.ZodType>(request: SimulatorRequest, schema: S): z.infer<S> {
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
