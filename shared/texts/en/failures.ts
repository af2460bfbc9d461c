import type { FailureCause } from '../../contracts/failures'

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
