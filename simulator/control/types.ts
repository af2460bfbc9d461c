import type { ObjectType } from '../data/object-types'
import type { CallStats } from '../calls'
import type { PortalDescription } from '../data/portals'
import type { AppConfiguration, SimulatorSettings } from '../settings'
import type { Delivery, WebhookCounts, WebhookSettings } from '../webhooks/sender'

/**
 * A record as the control API shows it: every property that has a value, whatever became of the
 * record.
 */
export interface ControlRecord {
  id: string
  properties: Record<string, string>
  /** Its dates with a time as people of the account see them: `YYYY-MM-DD HH:MM` in its time zone */
  shownTimes: Record<string, string>
  createdAt: string
  updatedAt: string
  archived: boolean
  /** Ids of the live records it belongs to: a contact's deals, the contacts of others */
  associations: string[]
  /** Ids of its live companies; not of companies */
  companies?: string[]
}

export interface ControlState {
  settings: SimulatorSettings
  app: Omit<AppConfiguration, 'clientSecret'>
  portals: PortalDescription[]
  installations: { portalId: number; scopes: string[]; installedAt: string }[]
  clockOffsetMs: number
}

export interface WebhookReport {
  settings: WebhookSettings
  counts: WebhookCounts
  deliveries: Delivery[]
}

export interface RecordCounts {
  live: number
  archived: number
  /** Live ones that were not there at the start */
  added: number
}

export type ControlStats = CallStats

/** A list as its portal has it. */
export interface ControlList {
  listId: string
  name: string
  type: ObjectType
  members: string[]
}
