import { objectTypes, tieOf, type ObjectType, type Tie } from '../data/object-types'
import { changeAssociation, placeOf, type Typed } from '../store/changes'
import type { AssociationLabel } from '../store/labels'
import type { Portal } from '../store/portal'
import { liveSchema } from '../store/schemas'
import type { ApiCall } from './call'

/** A type of ties from one kind of records to another. */
export interface AssociationType {
  category: 'HUBSPOT_DEFINED' | 'USER_DEFINED'
  typeId: number
  label: string | null
  /** As v3 names it */
  name: string
  role: 'primary' | 'plain' | 'label'
}

const labelType = ({ typeId, label, name }: AssociationLabel): AssociationType => ({
  category: 'USER_DEFINED',
  typeId,
  label,
  name,
  role: 'label',
})

/** Ties with a custom object are the account's own. */
export const tieCategory = (from: ObjectType, to: ObjectType): AssociationType['category'] =>
  [from, to].some(type => objectTypes[type].isCustom) ? 'USER_DEFINED' : 'HUBSPOT_DEFINED'

/** How records of `from` are tied to those of `to` in this account; custom objects say to which. */
export function tieIn(portal: Portal, from: ObjectType, to: ObjectType): Tie | undefined {
  const isDefined = [
    [from, to],
    [to, from],
  ].some(([type = from, other = to]) =>
    liveSchema(portal.schemas, type)?.associated.includes(other),
  )
  return tieCategory(from, to) === 'HUBSPOT_DEFINED' || isDefined ? tieOf(from, to) : undefined
}

/** HubSpot's own types from one kind to another: the primary company first where there is one. */
function ownTypes(portal: Portal, from: ObjectType, to: ObjectType): AssociationType[] {
  const tie = tieIn(portal, from, to)
  if (!tie) return []
  const singular = (type: ObjectType) =>
    portal.schemas.get(type)?.name ?? objectTypes[type].singular
  const name = [from, to].map(singular).join('_to_')
  const hubspots = { category: tieCategory(from, to) }
  const plain = { ...hubspots, typeId: tie.plain, label: null, role: 'plain' } as const
  if (tie.primary === undefined) return [{ ...plain, name }]
  const label = to === 'companies' ? 'Primary' : `${objectTypes[to].singular} with Primary Company`
  return [
    {
      ...hubspots,
      typeId: tie.primary,
      label: label.replace(/^./, letter => letter.toUpperCase()),
      name,
      role: 'primary',
    },
    { ...plain, name: `${name}_unlabeled` },
  ]
}

/** All types from one kind to another: HubSpot's own, and the account's labels. */
export const typesBetween = (
  portal: Portal,
  from: ObjectType,
  to: ObjectType,
): AssociationType[] =>
  tieIn(portal, from, to)
    ? [...ownTypes(portal, from, to), ...portal.labels.of(from, to).map(labelType)]
    : []

/** Whether the company among two records is the other one's primary one. */
function isPrimary(portal: Portal, from: ObjectType, id: string, to: ObjectType, toId: string) {
  const [type, record, company] = to === 'companies' ? [from, id, toId] : [to, toId, id]
  return portal.primaryCompany(type, portal.store(type).indexOf(record)) === company
}

/** The types that the tie of two records has. */
export function typesOfTie(
  portal: Portal,
  from: ObjectType,
  id: string,
  to: ObjectType,
  toId: string,
): AssociationType[] {
  const own = ownTypes(portal, from, to)
  const labels = portal.labels.between(
    { type: from, index: portal.store(from).indexOf(id) },
    { type: to, index: portal.store(to).indexOf(toId) },
  )
  const shown = own.filter(({ role }) => role === 'plain' || isPrimary(portal, from, id, to, toId))
  return [...shown, ...labels.map(labelType)]
}

/** What the types named for a tie say. */
export interface TieMarks {
  /** The company among the two becomes the other's primary one */
  isPrimary: boolean
  /** Type ids of labels, as the first record reads them */
  labels: number[]
}

type GivenTypes = readonly { associationCategory: string; associationTypeId: number }[]

/**
 * What types of an association say, where there are some and all of them lead from this object to
 * that one.
 * @returns null where they do not
 */
export function typesFrom(
  portal: Portal,
  from: ObjectType,
  to: ObjectType,
  types: GivenTypes,
): TieMarks | null {
  const all = typesBetween(portal, from, to)
  const named = types.map(({ associationCategory, associationTypeId }) =>
    all.find(
      ({ category, typeId }) => category === associationCategory && typeId === associationTypeId,
    ),
  )
  const known = named.filter(type => type !== undefined)
  return named.length > 0 && known.length === named.length ? marksOf(known) : null
}

export const marksOf = (types: readonly AssociationType[]): TieMarks => ({
  isPrimary: types.some(({ role }) => role === 'primary'),
  labels: types.filter(({ role }) => role === 'label').map(({ typeId }) => typeId),
})

export const unmarked: TieMarks = { isPrimary: false, labels: [] }

/** Associates two records. Labels that are named take the place of those before. */
export function tieTo(
  portal: Portal,
  one: Typed,
  other: Typed,
  { isPrimary: isChosen, labels }: TieMarks,
  source: ApiCall['source'],
): void {
  changeAssociation(portal, one, other, false, { source })
  if (labels.length > 0) portal.labels.set(placeOf(one), placeOf(other), labels)
  if (!isChosen) return
  const [company, of] = one.type === 'companies' ? [one, other] : [other, one]
  portal.associations.setPrimary(placeOf(of), company.record.index)
}
