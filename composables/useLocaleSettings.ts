import type { Connection } from '#shared/contracts/connection'

/**
 * How this reader writes numbers and dates. Taken from `Accept-Language` on the server and handed
 * to the browser, so both render the same. Numbers follow the reader's language; dates too where it
 * is English, as the words around them are.
 */
export function useLocaleSettings() {
  const numbers = useState<string>('number-locale', () => {
    const wanted = import.meta.server
      ? useRequestHeaders(['accept-language'])['accept-language']
      : navigator.language
    const first = wanted?.split(',')[0]?.split(';')[0]?.trim() ?? 'en'
    try {
      return Intl.NumberFormat.supportedLocalesOf(first)[0] ?? 'en'
    } catch {
      return 'en'
    }
  })
  const dates = computed(() => (numbers.value.startsWith('en') ? numbers.value : 'en-GB'))
  // An account with one currency names none on its deals.
  const connection = useState<Connection | null>('hubspot-connection', () => null)
  return {
    numbers,
    dates,
    number: (value: number) => formatNumber(value, numbers.value),
    rate: (value: number) => formatRate(value, numbers.value),
    share: (value: number) => formatShare(value, numbers.value),
    money: (amount: string | null, currency: string | null) =>
      formatMoney(amount, currency ?? connection.value?.account?.currency ?? null, numbers.value),
    day: (day: string | null) => formatDay(day, dates.value),
  }
}
