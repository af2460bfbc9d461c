import type { ObjectId } from 'mongodb'
import { texts } from '#shared/texts/en'
import type { KindName } from '../database/documents'
import { ValidationFailed } from '../errors'
import type { RecordKind } from '../records/kinds'
import type { MappedRules } from '../records/outbox'
import { labelOf, optionOf, type Choice } from '../records/own-values'
import { listColumns } from './list-fields'
import type { ListFilter } from './list-filter-repository'
import type { ListRepository } from './list-repository'

type Choices = Readonly<Record<string, readonly Choice[]>>

/** Built-in fields that HubSpot offers choices for, and those that it has unless an account says else */
const usual: Choices = {
  lifecycleStage: Object.entries(texts.leads.lifecycleStages).map(([value, label]) => ({
    value,
    label,
  })),
}
const optionsOf = (choices: Choices, field: string) => choices[field] ?? usual[field] ?? []

/** @returns a value as people read it: the label of a choice, the name of what an id stands for */
export function wordFor(choices: Choices, field: string, value: string | null): string | null {
  return value === null ? null : labelOf(optionsOf(choices, field), value)
}

/** @returns whether one of these fields is a choice */
export function namesChoices(given: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(usual).some(field => given[field] !== undefined && given[field] !== null)
}

/** The same values, with a choice that came by its label as HubSpot stores it; others as they came. */
export function innerValues<V extends Readonly<Record<string, string | null | undefined>>>(
  choices: Choices,
  given: V,
): V {
  const inner: Record<string, string | null | undefined> = { ...given }
  for (const field of Object.keys(usual)) {
    const value = inner[field]
    if (value) inner[field] = optionOf(optionsOf(choices, field), value) ?? value
  }
  return inner as V
}

interface FilterByName {
  field: string
  /** What it is, for who is told that it is unknown */
  what: string
  /** The form of HubSpot's ids, which are taken as they are */
  id?: RegExp
}
const owner: FilterByName = { field: 'hubspotOwnerId', what: 'owner', id: /^\d{1,20}$/ }
const filtersByName: Readonly<Record<KindName, Readonly<Record<string, FilterByName>>>> = {
  lead: { lifecycle: { field: 'lifecycleStage', what: 'lifecycle stage' }, owner },
  deal: {
    pipeline: { field: 'hubspotPipelineId', what: 'pipeline', id: /^[\w-]{1,100}$/ },
    owner,
  },
}

export interface ListNamesDeps {
  mapping: Pick<MappedRules, 'choicesOf'>
  lists: Pick<ListRepository, 'list'>
}

/**
 * A list's query with HubSpot's inner values where names came: lifecycle stage, owner, pipeline.
 * @throws {ValidationFailed} a name that nothing has
 */
export async function withInnerNames<Q extends ListFilter>(
  { mapping, lists }: ListNamesDeps,
  kind: RecordKind,
  partnerId: ObjectId,
  query: Q,
): Promise<Q> {
  const asked = Object.entries(filtersByName[kind.name]).filter(
    ([name]) =>
      query[name] !== undefined && query[name] !== listColumns[kind.name].filters[name]?.none,
  )
  if (asked.length === 0) return query
  const choices = await mapping.choicesOf(partnerId, kind.name)
  const inner: Record<string, string> = {}
  for (const [name, { field, what, id }] of asked) {
    const given = String(query[name])
    const option = optionOf(optionsOf(choices, field), given)
    // What HubSpot no longer offers is still a value that records have.
    const isKnown =
      option !== undefined ||
      (id?.test(given) ??
        (
          await lists.list(
            kind,
            partnerId,
            { [name]: given, sort: '-updatedAt' },
            { limit: 1, after: null },
          )
        ).items.length > 0)
    if (!isKnown)
      throw new ValidationFailed([{ path: name, message: `is no ${what} that is known here` }])
    inner[name] = option ?? given
  }
  return { ...query, ...inner }
}
