/** @returns a whole number in the reader's way of writing it */
export function formatNumber(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(value)
}

/** @returns a rate: one decimal below ten, none above */
export function formatRate(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
}

/** @param share 0 … 1; never rounded up to 100 % */
export function formatShare(share: number, locale: string): string {
  const floored = share < 1 ? Math.floor(share * 10_000) / 10_000 : share
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(
    floored,
  )
}

/**
 * @param amount decimal number as text, e.g. `1200.50`
 * @param currency ISO 4217, or `null` when unknown
 * @returns e.g. `€1,200.50`; the text itself where it is not a number
 */
export function formatMoney(
  amount: string | null,
  currency: string | null,
  locale: string,
): string {
  if (amount === null) return ''
  if (!isDecimal(amount)) return amount
  const isKnown = currency !== null && /^[A-Z]{3}$/.test(currency)
  return new Intl.NumberFormat(locale, {
    // A currency has digits of its own: 2 for USD, 3 for KWD, none for JPY.
    ...(isKnown
      ? { style: 'currency', currency }
      : { minimumFractionDigits: 2, maximumFractionDigits: 6 }),
    trailingZeroDisplay: 'stripIfInteger',
  }).format(amount)
}

/** Formatted as text: as a floating-point number, 999999999999999.99 would lose its cents. */
const isDecimal = (text: string): text is `${number}` => /^-?\d+(\.\d+)?$/.test(text)

/** @param day `YYYY-MM-DD`: a calendar day has no time zone, so none is applied */
export function formatDay(day: string | null, locale: string): string {
  if (day === null) return ''
  const date = new Date(`${day.slice(0, 10)}T00:00:00Z`)
  return Number.isNaN(date.getTime())
    ? day
    : new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(date)
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/**
 * An instant in a time zone.
 * @param timeZone IANA name; the reader's own zone where it is left out or not known to the browser
 */
export function formatInstant(instant: string, locale: string, timeZone?: string): string {
  const style = { dateStyle: 'medium', timeStyle: 'short' } as const
  const at = new Date(instant)
  try {
    return new Intl.DateTimeFormat(locale, { ...style, timeZone }).format(at)
  } catch {
    return new Intl.DateTimeFormat(locale, style).format(at)
  }
}

/** @returns e.g. `3 minutes ago`, `in 2 hours`, `just now` */
export function formatRelative(instant: string, nowMs: number, locale: string): string {
  const seconds = Math.round((Date.parse(instant) - nowMs) / 1000)
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size)
      return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(
        Math.trunc(seconds / size),
        unit,
      )
  }
  return seconds > 10 ? 'in a moment' : 'just now'
}
