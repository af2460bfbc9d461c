import type { DoctorCheck } from '#shared/contracts/insight'

/** One group of checks. */
export type Examine = () => Promise<DoctorCheck[]> | DoctorCheck[]

const make =
  (status: DoctorCheck['status']) =>
  (id: string, message: string, fix: string | null = null): DoctorCheck => ({
    id,
    status,
    message,
    fix,
  })

export const pass = (id: string, message: string): DoctorCheck => make('pass')(id, message)
export const warn = make('warn')
export const fail = make('fail')
export const skipped = (id: string, message: string): DoctorCheck => make('skipped')(id, message)

/** @returns whether a URL belongs to HubSpot itself and not to a stand-in such as the simulator */
export function isHubspots(url: string): boolean {
  return /(^|\.)(hubspot\.com|hubapi\.com)$/.test(new URL(url).hostname)
}
