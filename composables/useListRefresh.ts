const refreshEveryMs = 5000
/** Runs that end within this time cause one refresh together. */
const gatherMs = 200

/**
 * Shows what a sync changes without a click: at the end of a run, and every few seconds while it
 * goes on. A table that is being edited waits for the end.
 * @param refreshList loads the page of the list again
 * @param reloadRecord loads the open record again
 */
export function useListRefresh(
  refreshList: () => Promise<unknown>,
  reloadRecord: () => Promise<unknown>,
) {
  let refreshedAt = 0
  let gathering: ReturnType<typeof setTimeout> | undefined

  function refresh(): void {
    refreshedAt = Date.now()
    void refreshList()
  }
  function progressed(): void {
    const isEdited = Boolean(document.activeElement?.closest('table'))
    if (Date.now() - refreshedAt >= refreshEveryMs && !isEdited) refresh()
  }
  function finished(): void {
    gathering ??= setTimeout(() => {
      gathering = undefined
      refresh()
      void reloadRecord().catch(() => {})
    }, gatherMs)
  }
  onBeforeUnmount(() => clearTimeout(gathering))
  return useSyncProgress({ finished, progressed })
}
