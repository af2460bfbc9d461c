import type { AnyRecord } from './useRecordList'

/** Records of a list that somebody chose: by name over its pages, or all that its query asks for. */
export function useChosenRecords(items: Ref<readonly AnyRecord[]>, asked: () => string) {
  const ids = ref<ReadonlySet<string>>(new Set())
  const isAll = ref(false)
  function clear(): void {
    ids.value = new Set()
    isAll.value = false
  }
  watch(asked, clear)

  return {
    ids: computed(() => (isAll.value ? new Set(items.value.map(({ id }) => id)) : ids.value)),
    isAll,
    clear,
    chooseAll: () => {
      isAll.value = true
    },
    choose: (changed: readonly string[], isChosen: boolean) => {
      const next = new Set(isAll.value ? items.value.map(({ id }) => id) : ids.value)
      for (const id of changed) {
        if (isChosen) next.add(id)
        else next.delete(id)
      }
      if (!isChosen) isAll.value = false
      ids.value = next
    },
  }
}
