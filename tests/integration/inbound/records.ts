import { createStorage } from 'unstorage'
import type { Clock } from '../../../server/config/clock'
import { createAuditLog } from '../../../server/database/audit'
import type { Collections } from '../../../server/database/collections'
import type { Crm, CrmObject } from '../../../server/hubspot/crm-types'
import { createMapping } from '../../../server/mapping/index'

/** The mapping of a test that does not ask HubSpot, or that brings its own answers. */
export function mappingOf(
  collections: Collections,
  clock: Clock,
  crmFor: () => Crm = () => {
    throw new Error('HubSpot was asked')
  },
) {
  return createMapping({
    collections,
    clock,
    audit: createAuditLog({ collections, clock }),
    storage: createStorage(),
    crmFor,
    onChange: async () => {},
  })
}

/** A contact as HubSpot's CRM client hands it over. */
export function aContact(
  id: string,
  properties: Record<string, string | null>,
  updatedAt = '2026-02-01T00:00:00.000Z',
): CrmObject {
  return {
    id,
    properties: {
      email: null,
      firstname: null,
      lastname: null,
      phone: null,
      company: null,
      jobtitle: null,
      lifecyclestage: null,
      hs_object_id: id,
      lastmodifieddate: updatedAt,
      ...properties,
    },
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt,
    archived: false,
  }
}

/** A deal. @param contacts HubSpot ids of its contacts; absent: not asked for */
export function aDealObject(
  id: string,
  properties: Record<string, string | null>,
  contacts?: string[],
  updatedAt = '2026-02-01T00:00:00.000Z',
): CrmObject {
  return {
    id,
    properties: {
      dealname: null,
      amount: null,
      deal_currency_code: null,
      closedate: null,
      pipeline: 'default',
      dealstage: 'a',
      hs_object_id: id,
      hs_lastmodifieddate: updatedAt,
      ...properties,
    },
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt,
    archived: false,
    ...(contacts ? { associations: { contacts } } : {}),
  }
}
