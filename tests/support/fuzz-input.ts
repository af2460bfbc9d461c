import fc from 'fast-check'

/** Values that parsers, stores and languages trip over. */
const nasty = fc.constantFrom<unknown>(
  '',
  ' ',
  '\u0000',
  '\r\nSet-Cookie: a=b',
  '\uD800',
  '../../etc/passwd',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '$where',
  'a.b',
  '__proto__',
  '%00',
  '%ff',
  'A'.repeat(9000),
  '(a+)+$',
  '9'.repeat(40),
  -0,
  1e400,
  2 ** 53 + 1,
  Number.NaN,
  null,
  true,
  [],
  {},
  [[[[]]]],
  { $ne: '' },
  { $gt: '' },
  { $regex: '.*' },
  { $where: 'sleep(5000)' },
  ['a', 'a'],
  { length: -1 },
  { toString: 1 },
)
const fields = [
  'email',
  'firstName',
  'lastName',
  'phone',
  'company',
  'jobTitle',
  'lifecycleStage',
  'name',
  'amount',
  'currency',
  'stage',
  'closeDate',
  'leadIds',
  'revision',
  'writeBack',
  'paused',
  'mapping',
  'fields',
  'returnUrl',
  'confirmPortalChange',
  'kind',
  'partner_id',
  'tenantId',
  'role',
  '_id',
  '$set',
  'a.b',
]
/** A body of any shape, with our own field names among others. */
export const anyBody = fc.oneof(
  fc.dictionary(
    fc.constantFrom(...fields),
    fc.oneof(nasty, fc.string(), fc.integer(), fc.double(), fc.jsonValue()),
  ),
  fc.jsonValue(),
  nasty,
)
const queryNames = [
  'limit',
  'cursor',
  'q',
  'syncState',
  'sort',
  'leadId',
  'stage',
  'kind',
  'status',
  'code',
  'state',
  'error',
  'error_description',
  'step',
  'returnUrl',
  'unknown',
]
/** Pairs of a query string, with our own names among others. */
export const anyQuery = fc.array(
  fc.tuple(
    fc.constantFrom(...queryNames),
    fc.oneof(
      nasty.map(value => String(value instanceof Object ? JSON.stringify(value) : value)),
      fc.string(),
      fc.webSegment(),
    ),
  ),
  { maxLength: 6 },
)
/** @returns the query string */
export const queryText = (pairs: [string, string][]) =>
  pairs
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(value.replace(/[\uD800-\uDFFF]/g, '\uFFFD'))}`,
    )
    .join('&')
