import type { Field } from '#shared/contracts/fields'
import { chosenColumns, columnsOf, usualColumns } from '../utils/list-columns'
import type { RecordName } from './useRecordList'

const keptSeconds = 365 * 24 * 60 * 60

/** The columns of a list that somebody chose. A cookie: the server renders the same table. */
export function useColumns(object: Ref<RecordName>, own: Ref<readonly Field[]>) {
  const options = { maxAge: keptSeconds, sameSite: 'lax', path: '/leads' } as const
  const kept = {
    lead: useCookie<string | null>('lead_columns', options),
    deal: useCookie<string | null>('deal_columns', options),
  }
  const chosen = computed(() => {
    const text = kept[object.value].value
    return typeof text === 'string' && text !== '' ? text.split(' ') : null
  })
  return {
    all: computed(() => columnsOf(object.value, own.value)),
    columns: computed(() => chosenColumns(object.value, own.value, chosen.value)),
    keys: computed(() => chosen.value ?? [...usualColumns[object.value]]),
    /** @param keys `null`: the usual ones */
    choose: (keys: readonly string[] | null) => {
      kept[object.value].value = keys === null ? null : keys.join(' ') || 'none'
    },
  }
}
