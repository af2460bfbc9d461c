const lookEveryMs = 5000
/** Runs that end within this time cause one look together. */
const gatherMs = 200

/**
 * Shows what a sync changes without a click: at the end of a run, and every few seconds while it
 * goes on.
 * @param look shows what changed in the list; nothing in it moves
 * @param reloadRecord loads the open record again
 */
export function useListRefresh(look: () => Promise<unknown>, reloadRecord: () => Promise<unknown>) {
  let lookedAt = 0
  let gathering: ReturnType<typeof setTimeout> | undefined

  function lookNow(): void {
    lookedAt = Date.now()
    void look()
  }
  function progressed(): void {
    if (Date.now() - lookedAt >= lookEveryMs) lookNow()
  }
  function finished(): void {
    gathering ??= setTimeout(() => {
      gathering = undefined
      lookNow()
      void reloadRecord().catch(() => {})
    }, gatherMs)
  }
  onBeforeUnmount(() => clearTimeout(gathering))
  return useSyncProgress({ finished, progressed })
}
