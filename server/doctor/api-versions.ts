import type { DoctorCheck } from '#shared/contracts/insight'
import type { ApiVersion } from '../config/configuration'
import { fail, pass, warn } from './check'

interface Release {
  name: string
  /**
   * The first day, as far as HubSpot named one, on which it is no longer supported. Dated releases
   * are supported for 18 months.
   */
  endsOn: string
  /** As HubSpot announced it */
  announced: string
}

/**
 * @see https://developers.hubspot.com/changelog/v1-oauth-api-deprecation and
 *   …/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when
 */
export const dated: Record<ApiVersion, Release> = {
  '2026-09': { name: '2026-09', endsOn: '2028-03-01', announced: 'March 2028' },
  '2026-03': { name: '2026-03', endsOn: '2027-09-01', announced: 'September 2027' },
}
/**
 * What the app does not use; listed so that an operator sees that an announcement does not concern
 * them.
 */
export const unused: Release[] = [
  { name: 'OAuth v1', endsOn: '2027-02-16', announced: '2027-02-16' },
  { name: 'v4', endsOn: '2027-03-30', announced: '2027-03-30' },
  { name: 'v1–v3', endsOn: '2027-09-01', announced: 'September 2027' },
]

const dayMs = 24 * 60 * 60 * 1000
const warnDays = 180

/** Calls this far back count as made, ms */
export const calledWithinMs = 7 * dayMs

/** How announcements call the releases whose names in paths are others; v1 to v3 end together */
const announcedAs: Readonly<Record<string, string>> = { 'oauth v1': 'OAuth v1', v4: 'v4' }

/** Which announced end concerns a release, by its name in a path */
function endingOf(called: string): Release | undefined {
  const known = Object.values(dated).find(({ name }) => name === called)
  if (known || !/^(oauth )?v\d$/.test(called)) return known
  return unused.find(({ name }) => name === (announcedAs[called] ?? 'v1–v3'))
}

/** What the calls really made tell beside the configuration: a release that ends sooner. */
function calledBeside(
  inUse: ApiVersion,
  called: readonly string[],
  now: Date,
): DoctorCheck | undefined {
  const first = called
    .flatMap(name => endingOf(name) ?? [])
    .filter(({ name, endsOn }) => name !== inUse && endsOn < dated[inUse].endsOn)
    .sort((one, other) => one.endsOn.localeCompare(other.endsOn))[0]
  if (!first) return undefined
  const days = Math.ceil((Date.parse(first.endsOn) - now.getTime()) / dayMs)
  const words =
    `Calls of the last seven days went to ${first.name}, supported until ${first.announced}, ` +
    `beside ${inUse}.`
  const fix =
    'Restart every process with the same NUXT_HUBSPOT_API_VERSION and the same version of the app. ' +
    'If they do already, upgrade.'
  if (days <= 0) return fail('api_versions', `${words} That day has passed.`, fix)
  if (days <= warnDays) return warn('api_versions', `${words} That is in ${days} days.`, fix)
  return undefined
}

/**
 * Dates in the past and to come of the API release in use.
 * @param called releases that calls of the last week really went to (`database/api-calls.ts`)
 */
export function examineApiVersions(
  inUse: ApiVersion,
  now: Date,
  called: readonly string[] = [],
): DoctorCheck[] {
  const id = 'api_versions'
  const beside = calledBeside(inUse, called, now)
  if (beside) return [beside]
  const { name, endsOn, announced } = dated[inUse]
  const days = Math.ceil((Date.parse(endsOn) - now.getTime()) / dayMs)
  const others = [...Object.values(dated).filter(release => release.name !== name), ...unused]
    .map(release => `${release.name} until ${release.announced}`)
    .join(', ')
  const words = `Every call uses ${name}, supported until ${announced}. Not in use: ${others}.`
  const newest = Object.values(dated).every(release => release.endsOn <= endsOn)
  const fix = newest
    ? 'Upgrade the app to a version that speaks a newer release.'
    : 'Set NUXT_HUBSPOT_API_VERSION to the newest release (the default), and restart.'
  if (days <= 0) return [fail(id, `${words} That day has passed.`, fix)]
  if (days <= warnDays) return [warn(id, `${words} That is in ${days} days.`, fix)]
  return [pass(id, words)]
}
