import type { OperationHolder, OperationsRepository } from './repository'

export interface KeptLease {
  /** Whether nobody else may have taken the operation, as far as is known */
  isHeld(): boolean
  stop(): void
}

/**
 * Prolongs the lease of an operation while one of its steps takes long: a step waits for HubSpot and
 * for the database.
 */
export function keepOperationLease(
  repository: Pick<OperationsRepository, 'prolong'>,
  holder: OperationHolder,
  leaseMs: number,
): KeptLease {
  let prolongedAt = performance.now()
  let isLost = false
  let isBusy = false

  async function prolong(): Promise<void> {
    if (await repository.prolong(holder)) prolongedAt = performance.now()
    else isLost = true
  }

  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    void prolong()
      .catch(() => {
        // MongoDB cannot be reached: another process may hold the lease by now.
        if (performance.now() - prolongedAt > leaseMs) isLost = true
      })
      .finally(() => {
        isBusy = false
      })
  }, leaseMs / 4)
  return { isHeld: () => !isLost, stop: () => clearInterval(timer) }
}
