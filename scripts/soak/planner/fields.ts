import type { FieldRule, ObjectType } from './core'
import { meaning, stageOf, type Settings } from './rules'
import type { AnyRecord } from './store'

/** A history came out wrong. */
export class Violation extends Error {}

export function fail(field: Field, why: string, detail: Record<string, unknown>): never {
  throw new Violation(`${field.name}: ${why} ${JSON.stringify(detail)}`)
}

export function at(bits: readonly number[], index: number): number {
  return bits[index] ?? 0
}

/** What an edit came to that is not in the end, counted. */
export interface Losses {
  policy: number
  raced: number
  unanswered: number
}

/** What our side of a record comes from, field by field; the bits are edits. */
export interface Sight {
  /** The edits that our value comes from, or that were told apart and settled */
  seen: number[]
  /** The edits that we know HubSpot's value comes from */
  known: number[]
  /** What both sides last held, as far as our side can know; `undefined`: nothing yet */
  base: (string | null | undefined)[]
  /** HubSpot's value as it last arrived; `undefined`: never */
  remote: (string | null | undefined)[]
  /** When a person here last set the value */
  setAt: number[]
  /** When HubSpot's value was set, as it last arrived */
  remoteSetAt: number[]
}

/** A field as the proof looks at it: the stage of a deal is one more. */
export interface Field {
  index: number
  name: string
  property: string
  direction: FieldRule['direction']
  policy: FieldRule['policy']
  means(text: string | null): string | null
  ours(record: AnyRecord): string | null
  theirs(properties: Record<string, string | null>): string | null
}

export function newSight(count: number): Sight {
  return {
    seen: new Array<number>(count).fill(0),
    known: new Array<number>(count).fill(0),
    base: new Array<undefined>(count).fill(undefined),
    remote: new Array<undefined>(count).fill(undefined),
    setAt: new Array<number>(count).fill(0),
    remoteSetAt: new Array<number>(count).fill(0),
  }
}

export function fieldsOf({ rules }: Settings): Record<ObjectType, Field[]> {
  return {
    // Sets of choices are followed choice by choice: `choices.ts`
    contacts: rules.contacts.filter(rule => rule.kind !== 'options').map(toField),
    deals: [
      ...rules.deals.map(toField),
      {
        index: rules.deals.length,
        name: 'stage',
        property: 'dealstage',
        direction: 'both',
        policy: 'hubspot_wins',
        means: text => text,
        ours: record => ('stage' in record ? record.stage : null),
        theirs: properties => stageOf(properties.dealstage ?? null),
      },
    ],
  }
}

/** The field of several choices, as an undo looks at it: a set as one value */
export function choicesField({ rules, choices }: Settings): Field[] {
  return choices ? [toField(choices, rules.contacts.indexOf(choices))] : []
}

/** HubSpot's stage has no mapping: it says nothing. */
export function isUnmapped(field: Field, properties: Record<string, string | null>): boolean {
  return (
    field.name === 'stage' && properties.dealstage !== null && field.theirs(properties) === null
  )
}

/** "Only fill if empty": what is empty is filled, and by a change alone. @param sides differ */
export function isLeftAlone(
  { direction }: Field,
  { ours, theirs, base }: Record<'ours' | 'theirs' | 'base', string | null>,
): boolean {
  if (ours === null) return direction === 'out' || theirs === base
  return theirs !== null || direction === 'in' || ours === base
}

function toField(rule: FieldRule, index: number): Field {
  const { field, property, kind, direction, policy } = rule
  return {
    index,
    name: field,
    property,
    direction,
    policy,
    means: text => meaning(kind, text),
    ours: record => meaning(kind, (record.values as Record<string, string | null>)[field]),
    theirs: properties => meaning(kind, properties[property]),
  }
}
