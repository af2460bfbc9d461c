import { describe, expect, test } from 'vitest'
import { failureCauses, type FailureCause } from '#shared/contracts/failures'
import { failures } from '#shared/texts/en/failures'
import { HubspotError, type HubspotErrorFacts } from '../../../server/hubspot/errors'
import { toRecordFailure } from '../../../server/hubspot/crm-outcomes'
import { causeOf, whoMends, type FailureFacts } from '../../../server/records/failure-cause'

const validation = (message: string, property: string, code: string): FailureFacts => ({
  code,
  message,
  category: 'VALIDATION_ERROR',
  property,
})
/** As a batch's answer says it where it has no details. */
const inMessage = (error: string, name: string): FailureFacts => ({
  code: 'VALIDATION_ERROR',
  category: 'VALIDATION_ERROR',
  message: `Property values were not valid: [{"isValid":false,"message":"x","error":"${error}","name":"${name}"}]`,
})
const said = (message: string): FailureFacts => ({
  code: 'VALIDATION_ERROR',
  category: 'VALIDATION_ERROR',
  message,
})

const cases: [FailureCause, FailureFacts][] = [
  ['permission_lost', { code: 'MISSING_SCOPES', message: 'x', category: 'MISSING_SCOPES' }],
  ['permission_lost', { code: 'FORBIDDEN', message: 'x', category: 'MISSING_SCOPES' }],
  ['permission_lost', { code: 'INVALID_AUTHENTICATION', message: 'x' }],
  ['permission_lost', { code: 'missing_scopes', message: 'x', during: 'association' }],
  ['property_changed', validation('x', 'nick', 'PROPERTY_DOESNT_EXIST')],
  ['property_changed', validation('x', 'nick', 'READ_ONLY_VALUE')],
  ['property_changed', inMessage('PROPERTY_DOESNT_EXIST', 'nick')],
  ['property_changed', said('Property "nick" does not exist')],
  ['stage_not_mapped', { code: 'stage_not_mapped', message: 'x' }],
  ['stage_not_mapped', validation('x', 'dealstage', 'INVALID_OPTION')],
  ['stage_not_mapped', validation('x', 'pipeline', 'INVALID_OPTION')],
  ['stage_not_mapped', inMessage('INVALID_OPTION', 'dealstage')],
  ['stage_not_mapped', validation('x', 'dealstage', 'READ_ONLY_VALUE')],
  // A rule of the pipeline; its code is not known to us.
  ['stage_not_mapped', validation('cannot skip stage 2', 'dealstage', 'SOME_NEW_RULE')],
  [
    'stage_not_mapped',
    { code: 'invalid_option', message: '7 is not a valid stage of pipeline default' },
  ],
  ...[
    'INVALID_LONG',
    'INVALID_DATE',
    'INVALID_OPTION',
    'INVALID_EMAIL',
    'INVALID_LENGTH',
    'INVALID_INTEGER',
  ].flatMap((code): [FailureCause, FailureFacts][] => [
    ['value_refused', validation('x', 'some_property', code)],
    ['value_refused', inMessage(code, 'some_property')],
    // Of an earlier version: code and message only.
    ['value_refused', { code: code.toLowerCase(), message: 'x' }],
  ]),
  ['value_refused', validation('x', 'tax_id', 'CONFLICTING_UNIQUE_VALUE')],
  ['value_refused', said('Property values were not valid: []')],
  ['required_missing', validation('x', 'company', 'REQUIRED_PROPERTY')],
  ['required_missing', inMessage('REQUIRED_FIELD', 'company')],
  ['required_missing', said('Error creating DEAL. Some required properties were not set.')],
  [
    'duplicate_address',
    { code: 'CONFLICT', message: 'Contact already exists. Existing ID: 7', category: 'CONFLICT' },
  ],
  ['duplicate_address', { code: 'conflict', message: 'Contact already exists. Existing ID: 7' }],
  ['duplicate_address', validation('x', 'email', 'CONFLICTING_UNIQUE_VALUE')],
  ['duplicate_address', said('Duplicate unique values found in batch input: email:a@b.test')],
  ['record_gone', { code: 'OBJECT_NOT_FOUND', message: 'resource not found' }],
  ['record_gone', { code: 'NOT_FOUND', message: 'x', category: 'OBJECT_NOT_FOUND' }],
  ['association_refused', said('CONTACT=7 is not valid')],
  ['association_refused', said('One or more associations are not valid')],
  ['association_refused', said('No association type from deals with this typeId exists')],
  ['association_refused', { code: 'OBJECT_NOT_FOUND', message: 'x', during: 'association' }],
  ['association_refused', { ...said('whatever it is'), during: 'association' }],
  ['limit_reached', { code: 'RATE_LIMITS', message: 'x', category: 'RATE_LIMITS' }],
  ['limit_reached', { code: 'ASSOCIATION_LIMIT_EXCEEDED', message: 'x', during: 'association' }],
  ['limit_reached', said('The contact limit was reached')],
  ['hubspot_unavailable', { code: 'INTERNAL_ERROR', message: 'x', category: 'INTERNAL_ERROR' }],
  ['hubspot_unavailable', { code: 'LOCKED', message: 'x' }],
  ['hubspot_unavailable', { code: 'request_timeout', message: 'x' }],
  ['unclear_answer', { code: 'answer_missing', message: 'x', category: null }],
  ['our_fault', said('Invalid input JSON on line 1, column 1: Cannot deserialize value')],
  ['our_fault', said('inputs: unknown field "objectId"')],
  ['our_fault', said('Some required fields were not set: [inputs]')],
  ['our_fault', { code: 'REJECTED', message: 'HTTP 415 Unsupported Media Type' }],
  ['our_fault', { code: 'something_nobody_knows', message: 'Never seen before' }],
  ['our_fault', { code: '', message: '' }],
]

describe('the cause of a failure', () => {
  test.each(cases)('%s: %j', (cause, facts) => expect(causeOf(facts)).toBe(cause))

  test('is tested for each of the dozen, and each says who mends it and how', () => {
    expect(new Set(cases.map(([cause]) => cause))).toEqual(new Set(failureCauses))
    for (const cause of failureCauses) {
      expect(whoMends[cause]).toMatch(/^(partner|operator|hubspot)$/)
      expect(failures.fix[cause]).toMatch(/^[A-Z].{40,}\.$/)
    }
  })

  test("is found in what is kept of HubSpot's answer, whatever its kind", () => {
    const of = (facts: HubspotErrorFacts) => causeOf(toRecordFailure(new HubspotError(facts)))
    expect(of({ kind: 'forbidden', status: 403 })).toBe('permission_lost')
    expect(of({ kind: 'conflict', status: 409 })).toBe('duplicate_address')
    expect(of({ kind: 'not_found', status: 404 })).toBe('record_gone')
    expect(of({ kind: 'rate_limited', status: 429 })).toBe('limit_reached')
    expect(of({ kind: 'transient', status: 502 })).toBe('hubspot_unavailable')
    expect(of({ kind: 'unauthorized', status: 401 })).toBe('permission_lost')
    expect(of({ kind: 'rejected', status: 405 })).toBe('our_fault')
    const details = {
      message: 'Property values were not valid',
      errors: [{ code: 'INVALID_OPTION', message: 'x', context: { propertyName: ['dealstage'] } }],
    }
    expect(of({ kind: 'rejected', category: 'VALIDATION_ERROR', details })).toBe('stage_not_mapped')
  })
})
