import type { ObjectType } from '../data/object-types'

/** A custom object of an account, in one of the places that the table of object types has for them. */
export interface CustomSchema {
  type: ObjectType
  name: string
  labels: { singular: string; plural: string }
  description: string | null
  primaryDisplayProperty: string | null
  secondaryDisplayProperties: string[]
  requiredProperties: string[]
  searchableProperties: string[]
  /** Kinds whose records its own can be tied to */
  associated: ObjectType[]
  archived: boolean
  createdAt: number
  updatedAt: number
}

/** A portal's custom objects, archived ones too. */
export type Schemas = Map<ObjectType, CustomSchema>

/** The schema of a kind that is a custom object and not archived */
export const liveSchema = (schemas: Schemas, type: ObjectType): CustomSchema | undefined => {
  const schema = schemas.get(type)
  return schema?.archived === false ? schema : undefined
}
