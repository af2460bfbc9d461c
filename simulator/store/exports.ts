import { randomBytes } from 'node:crypto'
import type { ObjectType } from '../data/object-types'
import type { Portal } from './portal'

/** A file that an export made. */
interface ExportFile {
  name: string
  type: 'text/csv' | 'application/zip'
  content: Buffer
}

/** An export that an app asked for. Times are milliseconds since the epoch, by the simulator's clock. */
export interface ExportTask {
  id: string
  exportName: string
  exportType: 'VIEW' | 'LIST'
  type: ObjectType
  objectProperties: string[]
  requestedAt: number
  /** Of an export that an admin has to approve: what they said; null: nothing yet */
  approval: 'not_needed' | 'approved' | 'denied' | null
  /** When work on it begins and ends; null while it waits for an approval or was denied */
  work: { from: number; to: number } | null
  /** Rows and file, made when the work is first found done */
  result: { rows: number; file: ExportFile } | null
  /** Makes the result from the records as they are */
  make(): { rows: number; file: ExportFile }
}

export type ExportState = 'PENDING_APPROVAL' | 'CANCELED' | 'ENQUEUED' | 'PROCESSING' | 'DONE'

interface Exports {
  tasks: ExportTask[]
  nextId: number
  /** Open addresses: until when, and of which task */
  links: Map<string, { until: number; task: ExportTask }>
}

const dayMs = 86_400_000
const linkMs = 5 * 60_000
const firstId = 118_400_001
const byPortal = new WeakMap<Portal, Exports>()

/** A portal's exports. A restart forgets them, and a snapshot does not keep them. */
export function exportsOf(portal: Portal): Exports {
  const known = byPortal.get(portal)
  if (known) return known
  const made: Exports = { tasks: [], nextId: firstId, links: new Map() }
  byPortal.set(portal, made)
  return made
}

/** How many exports were asked for in the last 24 hours */
export const exportsOfDay = (portal: Portal): number =>
  exportsOf(portal).tasks.filter(({ requestedAt }) => portal.clock.now() - requestedAt < dayMs)
    .length

/** Lets work begin as soon as the exports before it are done: an account has one at a time. */
export function beginExport(portal: Portal, task: ExportTask, tookMs: number): void {
  const ends = exportsOf(portal).tasks.map(({ work }) => work?.to ?? 0)
  const from = Math.max(portal.clock.now(), ...ends)
  task.work = { from, to: from + tookMs }
}

export function stateOf(portal: Portal, task: ExportTask): ExportState {
  if (task.approval === null) return 'PENDING_APPROVAL'
  if (!task.work) return 'CANCELED'
  const now = portal.clock.now()
  if (now < task.work.from) return 'ENQUEUED'
  if (now < task.work.to) return 'PROCESSING'
  task.result ??= task.make()
  return 'DONE'
}

/** @returns a secret that opens the file for the next five minutes */
export function openLink(portal: Portal, task: ExportTask): string {
  const secret = randomBytes(24).toString('base64url')
  exportsOf(portal).links.set(secret, { until: portal.clock.now() + linkMs, task })
  return secret
}

/** The file that a link opens; null when there is none or its time is over. */
export function fileOfLink(portal: Portal, secret: string): ExportFile | null {
  const link = exportsOf(portal).links.get(secret)
  return link && portal.clock.now() < link.until ? (link.task.result?.file ?? null) : null
}
