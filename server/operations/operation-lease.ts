import { keepLease } from '../database/keep-lease'
import type { OperationHolder, OperationsRepository } from './repository'

/** How long a process may be silent before another one takes its operations over, ms */
export const operationLeaseMs = 30_000

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
  let isLost = false
  const lose = () => {
    isLost = true
  }
  const stop = keepLease(leaseMs, {
    async prolong(prolonged) {
      if (await repository.prolong(holder)) prolonged()
      else lose()
    },
    onSilence: lose,
  })
  return { isHeld: () => !isLost, stop }
}
