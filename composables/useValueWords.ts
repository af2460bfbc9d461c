import { texts } from '#shared/texts/en'
import { formatInstant } from '../utils/format'
import type { ValueWords } from '../utils/own-values'

/** How this reader reads the values of own fields and of HubSpot's properties. */
export function useValueWords(): ValueWords {
  const { day, dates } = useLocaleSettings()
  return {
    day,
    instant: at => formatInstant(at, dates.value),
    yes: texts.leads.own.yes,
    no: texts.leads.own.no,
  }
}
