import type { FailureCause } from '../../contracts/failures'

/** /settings/hubspot/failures */
export const failurePage = {
  title: 'Failures',
  intro: 'Records that could not be written to HubSpot, by what is wrong and who can mend it.',
  emptyTitle: 'No record has failed',
  emptyText: 'Everything that was to be written to HubSpot was accepted.',
  notConnectedTitle: 'HubSpot is not connected',
  notConnectedText: 'Failures are listed here while records are synced with HubSpot.',
  cause: {
    permission_lost: 'A permission is missing',
    property_changed: 'A HubSpot property cannot be written',
    stage_not_mapped: 'A stage has no place in HubSpot',
    value_refused: 'HubSpot does not accept a value',
    required_missing: 'HubSpot requires a value that is missing',
    duplicate_address: 'Another contact has the same e-mail address',
    record_gone: 'The record was deleted in HubSpot',
    association_refused: 'A deal could not be connected with its contacts',
    limit_reached: 'A limit of the HubSpot account is reached',
    hubspot_unavailable: 'HubSpot was not available',
    unclear_answer: 'HubSpot did not say what happened',
    our_fault: 'The app asked in a way that HubSpot does not accept',
  } satisfies Record<FailureCause, string>,
  who: {
    partner: 'You can mend this',
    hubspot: 'Solved by itself',
    operator: 'The operator has to mend this',
  },
  /** Where the mending is done, by cause; a cause without one is mended at the record */
  place: {
    permission_lost: { label: 'HubSpot settings', to: '/settings/hubspot' },
    property_changed: { label: 'Field mapping', to: '/settings/hubspot/mapping' },
    stage_not_mapped: { label: 'Stage mapping', to: '/settings/hubspot/mapping' },
  } as Partial<Record<FailureCause, { label: string; to: string }>>,
  count: (count: string, one: boolean) => (one ? '1 record' : `${count} records`),
  retry: 'Sync these again',
  retryNamed: (cause: string) => `Sync these again: ${cause}`,
  csv: 'CSV',
  csvNamed: (cause: string) => `Records as CSV: ${cause}`,
  csvAll: 'All failures as CSV',
  showAll: (count: string) => `Show all ${count}`,
  bounded: (count: string) => `The first ${count} are listed. The CSV has all of them.`,
  started: 'These records are synced again',
  nothing: 'None of these records can be written yet. Mend the cause first.',
  retryFailed: 'They could not be synced again',
} as const

/** What to do about records that could not be written, by cause */
export const failures: { fix: Record<FailureCause, string> } = {
  fix: {
    permission_lost:
      'HubSpot refuses the app a permission. An admin opens the HubSpot settings here, chooses "Connect again" and grants everything that is asked for. Then sync these again.',
    property_changed:
      'A property that these records are written to was deleted or made read-only in HubSpot. An admin opens the field mapping and chooses another property, or changes it back in HubSpot. Then sync these again.',
    stage_not_mapped:
      'The stage of these deals has no place in HubSpot. An admin opens the stage mapping and chooses a HubSpot stage for each of our stages. Deals are written by themselves after that; if one stays, sync these again.',
    value_refused:
      'HubSpot does not accept a value of these records. Open each one, read what HubSpot says and correct the value: it is written by itself after that. If you changed the choices in HubSpot instead, sync these again.',
    required_missing:
      'HubSpot requires a value that these records do not have. Open each one and fill it in, or have an admin of the HubSpot account relax its rule, then sync these again.',
    duplicate_address:
      'Another contact in HubSpot has the same e-mail address. Correct the address here, or merge the two contacts in HubSpot. Then sync these again.',
    record_gone:
      'The HubSpot record was deleted. Restore it in HubSpot and sync these again, or delete the record here.',
    association_refused:
      'HubSpot did not connect a deal with its contacts. Check that the contacts still exist in HubSpot and that a contact may have this deal there. Then sync these again.',
    limit_reached:
      'A limit of the HubSpot account is reached. It is tried again by itself later. If it stays, an admin of the HubSpot account deletes what is not needed or raises the limit. Then sync these again.',
    hubspot_unavailable:
      'HubSpot could not take these records at that moment. There is nothing to do: they are tried again by themselves. To try at once, sync these again.',
    unclear_answer:
      'HubSpot did not say what became of these records. There is nothing to do: they are looked up and tried again by themselves. To try at once, sync these again.',
    our_fault:
      'HubSpot did not accept how the app asked. You cannot mend this: tell the operator of this app, with the message and the correlation id of one record. After the repair, sync these again.',
  },
}
