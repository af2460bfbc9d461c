import type { ObjectType } from '../data/object-types'
import type { Place } from './associations'

/** A label of an account's own for ties of two kinds of records, as one direction reads it. */
export interface AssociationLabel {
  typeId: number
  from: ObjectType
  to: ObjectType
  label: string
  /** As v3 names the type */
  name: string
  /** Type id of the other direction */
  inverse: number
}

/** A portal's labels, and which ties have them (docs/hubspot-platform.md#associations). */
export interface Labels {
  of(from: ObjectType, to: ObjectType): AssociationLabel[]
  /** @returns both directions, the one asked for first */
  define(given: {
    from: ObjectType
    to: ObjectType
    label: string
    name: string
    inverseLabel?: string
  }): [AssociationLabel, AssociationLabel]
  rename(label: AssociationLabel, text: string, inverseText?: string): void
  /** Removes both directions, from all ties too. */
  remove(label: AssociationLabel): void
  /** What a tie has, as `one` reads it */
  between(one: Place, other: Place): AssociationLabel[]
  /** Gives a tie these labels and no others: type ids of the direction from `one`. */
  set(one: Place, other: Place, typeIds: readonly number[]): void
  save(): SavedLabels
  load(saved: SavedLabels): void
}

export interface SavedLabels {
  labels: AssociationLabel[]
  ties: [tie: string, typeIds: number[]][]
  nextId: number
}

const firstTypeId = 145

export function createLabels(): Labels {
  let labels: AssociationLabel[] = []
  let nextId = firstTypeId
  /** Type ids of the direction from the kind whose name comes first */
  const ties = new Map<string, number[]>()
  const keyOf = (places: readonly Place[]) =>
    places.map(({ type, index }) => `${type}:${index}`).join(' ')
  const byId = (typeId: number) => labels.find(label => label.typeId === typeId)
  const inverseOf = (typeId: number) => byId(typeId)?.inverse ?? typeId

  return {
    of: (from, to) => labels.filter(label => label.from === from && label.to === to),
    define({ from, to, label, name, inverseLabel = label }) {
      const [typeId, inverse] = [nextId, nextId + 1]
      nextId += 2
      const both: [AssociationLabel, AssociationLabel] = [
        { typeId, from, to, label, name, inverse },
        { typeId: inverse, from: to, to: from, label: inverseLabel, name, inverse: typeId },
      ]
      labels.push(...both)
      return both
    },
    rename(label, text, inverseText) {
      label.label = text
      const inverse = byId(label.inverse)
      if (inverse && inverseText !== undefined) inverse.label = inverseText
    },
    remove({ typeId, inverse }) {
      const isGone = (id: number) => id === typeId || id === inverse
      labels = labels.filter(label => !isGone(label.typeId))
      for (const [tie, ids] of ties)
        ties.set(
          tie,
          ids.filter(id => !isGone(id)),
        )
    },
    between(one, other) {
      const isForward = one.type < other.type
      const ids = ties.get(keyOf(isForward ? [one, other] : [other, one])) ?? []
      return ids.flatMap(id => byId(isForward ? id : inverseOf(id)) ?? [])
    },
    set(one, other, typeIds) {
      const isForward = one.type < other.type
      const tie = keyOf(isForward ? [one, other] : [other, one])
      const ids = typeIds.map(id => (isForward ? id : inverseOf(id)))
      if (ids.length > 0) ties.set(tie, [...new Set(ids)])
      else ties.delete(tie)
    },
    save: () => ({ labels: structuredClone(labels), ties: [...ties], nextId }),
    load(saved) {
      labels = structuredClone(saved.labels)
      nextId = saved.nextId
      ties.clear()
      for (const [tie, ids] of saved.ties) ties.set(tie, ids)
    },
  }
}
