/**
 * Calendar days, and the instants that HubSpot holds them as. A `datetime` property is shown in the
 * account's time zone; a `date` property is midnight UTC and shown as it is
 * (docs/hubspot-platform.md#dates).
 */

const dayMs = 24 * 60 * 60 * 1000
/** From the year 1000 to 9999; outside, HubSpot's text is a mistake and is not taken. */
const earliest = Date.parse('1000-01-01T00:00:00.000Z')
const latest = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * The day that HubSpot's text means. HubSpot hands out days as `YYYY-MM-DD`, as an ISO instant or
 * as epoch milliseconds.
 * @param zone IANA name of the zone in which an instant is read
 * @returns `YYYY-MM-DD`, or `undefined` when the text is no day
 */
export function dayOf(text: string, zone: string): string | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return instantOf(text) === undefined ? undefined : text
  const at = instantOf(text)
  return at === undefined ? undefined : dayAt(at, zone)
}

/**
 * The instant that HubSpot's text means; a day without a time is midnight UTC.
 * @returns epoch milliseconds, or `undefined` when the text is no instant
 */
export function instantOf(text: string): number | undefined {
  if (/^-?\d{1,16}$/.test(text)) return inRange(Number(text))
  const at = inRange(Date.parse(text))
  if (/^\d{4}-\d{2}-\d{2}$/.test(text))
    // 2026-02-30 is read as the 2nd of March by some parsers: not a day.
    return at !== undefined && dayAt(at, 'UTC') === text ? at : undefined
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text)
    ? at
    : undefined
}

/**
 * Noon of a day in a zone: far from both ends of the day, so that no change of clocks moves it to
 * another one.
 * @param day `YYYY-MM-DD`
 * @returns an instant in ISO 8601. A day that the zone left out (Apia, 30 December 2011) gives noon
 *   of a day beside it
 */
export function noonOf(day: string, zone: string): string {
  const wanted = Date.parse(`${day}T12:00:00.000Z`)
  // A zone differs from UTC by 14 hours at most, and may change its clocks on this very day.
  const offsets = [0, -1, 1].map(days => offsetAt(wanted + days * dayMs, zone))
  const candidates = offsets.map(offset => wanted - offset)
  const noon =
    candidates.find(at => at + offsetAt(at, zone) === wanted) ??
    candidates.find(at => dayAt(at, zone) === day) ??
    wanted - (offsets[0] ?? 0)
  return new Date(noon).toISOString()
}

/**
 * The zone, or `UTC` where it is not known to this version of Node.
 * @param zone as HubSpot names it (`US/Eastern`), `null` while nobody has asked
 */
export function knownZone(zone: string | null | undefined): string {
  if (!zone) return 'UTC'
  try {
    clocksOf(zone)
    return zone
  } catch {
    return 'UTC'
  }
}

function inRange(epochMs: number): number | undefined {
  return epochMs >= earliest && epochMs <= latest ? epochMs : undefined
}

function dayAt(epochMs: number, zone: string): string | undefined {
  const local = inRange(epochMs + offsetAt(epochMs, zone))
  return local === undefined ? undefined : new Date(local).toISOString().slice(0, 10)
}

/** How far the clocks of a zone are ahead of UTC at an instant, ms. */
function offsetAt(epochMs: number, zone: string): number {
  if (zone === 'UTC') return 0
  const seconds = Math.floor(epochMs / 1000) * 1000
  const { format, offsets } = clocksOf(zone)
  const known = offsets.get(seconds)
  if (known !== undefined) return known
  const parts: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(seconds)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - seconds
  if (offsets.size >= mostOffsets) offsets.clear()
  offsets.set(seconds, offset)
  return offset
}

interface Clocks {
  format: Intl.DateTimeFormat
  /** Worked out before, by instant in ms: a deal asks for its day several times, others share it */
  offsets: Map<number, number>
}

const mostOffsets = 10_000
const zones = new Map<string, Clocks>()

/** @throws {RangeError} no such zone */
function clocksOf(zone: string): Clocks {
  const known = zones.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const clocks: Clocks = { format, offsets: new Map() }
  zones.set(zone, clocks)
  return clocks
}
