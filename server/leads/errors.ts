import type { Deal, Lead } from '#shared/contracts/leads'
import { DomainError, ValidationFailed } from '../errors'

export class StaleRevision extends DomainError {
  /** @param current the record as it is now, as sent to the caller */
  constructor(readonly current: Lead | Deal) {
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

export class FieldNotEditable extends DomainError {
  /** @param fields names of fields that HubSpot alone may change */
  constructor(fields: readonly string[]) {
    super(
      'field_not_editable',
      `Values of ${fields.join(', ')} come from HubSpot and are changed there. ` +
        'An admin can let them be changed here as well, in the field mapping.',
      {
        details: {
          issues: fields.map(field => ({
            path: field,
            message: 'comes from HubSpot and is changed there',
          })),
        },
      },
    )
  }
}
