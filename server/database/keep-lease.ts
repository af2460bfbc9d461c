export interface KeepLeaseSteps {
  /** Prolongs the lease, and calls `prolonged` once it did */
  prolong(prolonged: () => void): Promise<void>
  /** The lease could not be prolonged for as long as it lasts: another process may hold it by now */
  onSilence(): void
}

/**
 * Prolongs a lease while its holder works, four times in the time that it lasts.
 * @returns stops prolonging
 */
export function keepLease(lastsMs: number, { prolong, onSilence }: KeepLeaseSteps): () => void {
  let prolongedAt = performance.now()
  let isBusy = false
  const prolonged = () => {
    prolongedAt = performance.now()
  }
  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    void prolong(prolonged)
      .catch(() => {
        if (performance.now() - prolongedAt > lastsMs) onSilence()
      })
      .finally(() => {
        isBusy = false
      })
  }, lastsMs / 4)
  return () => clearInterval(timer)
}
