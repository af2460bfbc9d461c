import type { CrmObject, FieldRule, ObjectType } from './core'
import { reformatted, type Settings } from './rules'

/** A contact or a deal as HubSpot has it, with what only this proof knows of it. */
export interface HubspotObject {
  type: ObjectType
  id: string
  properties: Record<string, string | null>
  /** By rule, the edits that its value comes from, as bits */
  seen: number[]
  /** By rule, when its value was set, in milliseconds */
  setAt: number[]
  createdAt: number
  updatedAt: number
  isArchived: boolean
  mergedInto: string | null
  mergedAt: number
  mergedIds: string[]
  /** Further addresses, of contacts that were merged into this one */
  addresses: string[]
  /** Of a deal: its contacts' ids */
  contacts: string[]
  /** The record of ours that it was made for; `null` for one that was made in HubSpot */
  origin: string | null
  /** The values that it began with, as a property's history tells them */
  initial: Record<string, string | null>
}

/** An object as it was read, with what only this proof knows of it. */
export interface Arrival extends CrmObject {
  seen: number[]
  setAt: number[]
  origin: string | null
}

export interface HubspotEvent {
  type: ObjectType
  id: string
  /** Ids that were merged into `id` */
  losers: string[]
}

export interface Sending {
  properties: Record<string, string>
  seen: number[]
}

/**
 * HubSpot in memory, from its own rules: a modification date moves with values and not with
 * associations; one address belongs to one living contact; what is merged lives on in the survivor;
 * what is archived can come back.
 */
export function createHubspot({ rules, areMergesResolved, isReformatting }: Settings) {
  const objects = new Map<string, HubspotObject>()
  // What was asked for and has no value is told as `null`.
  const blank = {
    contacts: Object.fromEntries(rules.contacts.map(rule => [rule.property, null])),
    deals: Object.fromEntries(rules.deals.map(rule => [rule.property, null])),
  }
  const events: HubspotEvent[] = []
  let made = 0

  const key = (type: ObjectType, id: string) => `${type}${id}`
  const stageIndex = rules.deals.length
  const isStage = (property: string) => property === 'dealstage'

  function tell(type: ObjectType, id: string, losers: string[] = []): void {
    events.push({ type, id, losers })
  }

  function ownerOf(email: string, except: string | null): HubspotObject | null {
    const address = email.toLowerCase()
    for (const object of objects.values())
      if (
        object.type === 'contacts' &&
        object.id !== except &&
        isLive(object) &&
        (object.properties.email?.toLowerCase() === address || object.addresses.includes(address))
      )
        return object
    return null
  }

  function isLive(object: HubspotObject): boolean {
    return !object.isArchived && object.mergedInto === null
  }

  function present(rule: FieldRule | undefined, text: string | null): string | null {
    return isReformatting && rule && text !== null ? reformatted(rule.kind, text) : text
  }

  function find(type: ObjectType, id: string): HubspotObject | undefined {
    let object = objects.get(key(type, id))
    while (object?.mergedInto && areMergesResolved && type === 'contacts')
      object = objects.get(key(type, object.mergedInto))
    return object
  }

  /** Sets values; nothing moves when all of them are what they were. */
  function assign(object: HubspotObject, { properties, seen }: Sending, at: number): boolean {
    let isChanged = false
    for (const [property, text] of Object.entries(properties)) {
      const value = text === '' ? null : text
      const index = isStage(property)
        ? stageIndex
        : rules[object.type].findIndex(rule => rule.property === property)
      if (index >= 0) object.seen[index] = (object.seen[index] ?? 0) | (seen[index] ?? 0)
      const shown = present(rules[object.type][index], value)
      if ((object.properties[property] ?? null) === shown) continue
      object.properties[property] = shown
      if (index >= 0) object.setAt[index] = at
      isChanged = true
    }
    if (isChanged) object.updatedAt = at
    return isChanged
  }

  return {
    events,
    objects,
    isLive,
    find,
    ownerOf,
    exact: (type: ObjectType, id: string) => objects.get(key(type, id)),
    living: (type: ObjectType) =>
      [...objects.values()].filter(object => object.type === type && isLive(object)),

    /** @returns the new object, or the id of the contact that has the address already */
    create(
      type: ObjectType,
      sending: Sending,
      at: number,
      { contacts = [], origin = null }: { contacts?: string[]; origin?: string | null } = {},
    ): HubspotObject | { existing: string } {
      const { email } = sending.properties
      const existing = email ? ownerOf(email, null) : null
      if (existing) return { existing: existing.id }
      const object: HubspotObject = {
        type,
        id: String(++made),
        properties: {},
        seen: rules[type].map(() => 0),
        setAt: rules[type].map(() => at),
        createdAt: at,
        updatedAt: at,
        isArchived: false,
        mergedInto: null,
        mergedAt: 0,
        mergedIds: [],
        addresses: [],
        contacts: [...contacts],
        origin,
        initial: {},
      }
      if (type === 'deals') {
        object.seen.push(0)
        object.setAt.push(at)
      }
      objects.set(key(type, object.id), object)
      assign(object, sending, at)
      // Who made it is told with each value: what a person set first is left out.
      if (origin !== null) object.initial = { ...object.properties }
      tell(type, object.id)
      return object
    },

    /** @returns the object as it is now, or why HubSpot refuses */
    update(
      type: ObjectType,
      id: string,
      sending: Sending,
      at: number,
    ): HubspotObject | 'gone' | 'email_taken' {
      const object = objects.get(key(type, id))
      if (!object || !isLive(object)) return 'gone'
      const { email } = sending.properties
      if (email && ownerOf(email, id)) return 'email_taken'
      if (assign(object, sending, at)) tell(type, id)
      return object
    },

    archive(object: HubspotObject, at: number): void {
      object.isArchived = true
      object.updatedAt = at
      tell(object.type, object.id)
    },

    restore(object: HubspotObject, at: number): boolean {
      const { email } = object.properties
      if (email && ownerOf(email, object.id)) return false
      object.isArchived = false
      object.updatedAt = at
      tell(object.type, object.id)
      return true
    },

    /**
     * The loser's values fill the primary's gaps.
     * @returns by rule, the edits that went with the loser
     */
    merge(primary: HubspotObject, loser: HubspotObject, at: number): number[] {
      const lost = rules[primary.type].map(() => 0)
      rules[primary.type].forEach(({ property }, index) => {
        const value = primary.properties[property] ?? null
        const other = loser.properties[property] ?? null
        if (value === other) {
          primary.seen[index] = (primary.seen[index] ?? 0) | (loser.seen[index] ?? 0)
        } else if (value === null) {
          primary.properties[property] = other
          primary.seen[index] = (primary.seen[index] ?? 0) | (loser.seen[index] ?? 0)
          primary.setAt[index] = at
        } else lost[index] = (loser.seen[index] ?? 0) & ~(primary.seen[index] ?? 0)
      })
      if (primary.type === 'deals')
        lost[stageIndex] = (loser.seen[stageIndex] ?? 0) & ~(primary.seen[stageIndex] ?? 0)
      primary.mergedIds.push(...loser.mergedIds, loser.id)
      const { email } = loser.properties
      if (email && email.toLowerCase() !== primary.properties.email?.toLowerCase())
        primary.addresses.push(email.toLowerCase())
      primary.addresses.push(...loser.addresses)
      primary.updatedAt = at
      loser.mergedInto = primary.id
      loser.mergedAt = at
      if (primary.type === 'deals')
        primary.contacts = [...new Set([...primary.contacts, ...loser.contacts])]
      else
        for (const deal of objects.values())
          if (deal.contacts.includes(loser.id))
            deal.contacts = [
              ...new Set(deal.contacts.map(id => (id === loser.id ? primary.id : id))),
            ]
      tell(primary.type, primary.id, [loser.id])
      return lost
    },

    associate(deal: HubspotObject, contactId: string, isRemoved: boolean): void {
      const has = deal.contacts.includes(contactId)
      if (has !== isRemoved) return
      deal.contacts = isRemoved
        ? deal.contacts.filter(id => id !== contactId)
        : [...deal.contacts, contactId]
      tell('deals', deal.id)
    },

    /** What a read of this object answers now. */
    read(object: HubspotObject, now: number): Arrival {
      return {
        id: object.id,
        properties: {
          ...blank[object.type],
          ...object.properties,
          hs_merged_object_ids: object.mergedIds.length > 0 ? object.mergedIds.join(';') : null,
          hubspot_owner_id: object.properties.hubspot_owner_id ?? null,
        },
        createdAt: new Date(object.createdAt).toISOString(),
        updatedAt: new Date(object.updatedAt).toISOString(),
        archived: object.isArchived,
        ...(object.type === 'deals'
          ? {
              associations: { contacts: object.contacts.filter(id => isKnown(id)) },
              associationsReadAt: new Date(now),
            }
          : {}),
        seen: [...object.seen],
        setAt: [...object.setAt],
        origin: object.origin,
      }
    },
  }

  /** HubSpot shows no association with a contact that is archived. */
  function isKnown(id: string): boolean {
    const contact = objects.get(key('contacts', id))
    return contact !== undefined && isLive(contact)
  }
}
export type Hubspot = ReturnType<typeof createHubspot>
