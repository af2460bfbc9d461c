import { json, queryList, wholeOf } from '../http'
import { methodNotAllowed, readScope, type ApiHandler } from './call'

/**
 * `GET /contacts/v1/lists/all/contacts/all`: every contact, in v1's shape. HubSpot's own quickstart
 * and n8n still call it (docs/hubspot-platform.md#lists).
 */
export const allContacts: ApiHandler = ({ portal, request, requireScope }) => {
  if (request.method !== 'GET') throw methodNotAllowed()
  requireScope(readScope('contacts'))
  const { query } = request
  const count = wholeOf(query, 'count', 20, 100)
  const asked = queryList(query, 'property')
  const names = [...new Set(['firstname', 'lastname', 'company', 'lastmodifieddate', ...asked])]
  const { contacts } = portal
  const found: unknown[] = []
  // The offset is the id of the last contact that was answered.
  const offset = query.get('vidOffset')
  let index = offset ? contacts.indexOf(offset) + 1 : 0
  let last = 0
  for (; index < contacts.size() && found.length < count; index++) {
    const record = contacts.view(index)
    if (!record || record.archivedAt !== null) continue
    const vid = Number(record.id)
    const email = record.value('email')
    const values = names.map(name => [name, record.value(name)] as const)
    last = vid
    found.push({
      addedAt: record.createdAt,
      vid,
      'canonical-vid': vid,
      'merged-vids': [],
      'portal-id': portal.description.id,
      'is-contact': true,
      properties: Object.fromEntries(
        values.filter(([, value]) => value !== null).map(([name, value]) => [name, { value }]),
      ),
      'form-submissions': [],
      'identity-profiles': [
        {
          vid,
          'saved-at-timestamp': record.createdAt,
          'deleted-changed-timestamp': 0,
          identities:
            email === null ? [] : [{ type: 'EMAIL', value: email, timestamp: record.createdAt }],
        },
      ],
      'merge-audits': [],
    })
  }
  return json(200, { contacts: found, 'has-more': index < contacts.size(), 'vid-offset': last })
}
