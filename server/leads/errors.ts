import type { Deal, Lead } from '#shared/contracts/leads'
import { DomainError, ValidationFailed } from '../errors'

export class StaleRevision extends DomainError {
  /** @param current the record as it is now, as sent to the caller */
  constructor(current: Lead | Deal) {
    super(
      'stale_revision',
      'Somebody else has changed this record. Look at what it says now, then try again.',
      { details: { current } },
    )
  }
}

export class EmailTaken extends ValidationFailed {
  constructor() {
    super([{ path: 'email', message: 'belongs to another lead' }])
  }
}

export class UnknownLeads extends ValidationFailed {
  constructor() {
    super([{ path: 'leadIds', message: 'names a lead that does not exist' }])
  }
}
