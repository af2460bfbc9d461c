import { expect, test } from 'vitest'
import { createRedactor } from '../../server/observability/redact'

const redactor = createRedactor()
const known = 'a-secret-that-this-process-knows'
redactor.register(known)
redactor.register('short')

const secrets: [string, string, string][] = [
  ['a bearer token', 'authorization: Bearer CLaiabc.def-ghi_jkl', 'CLaiabc.def-ghi_jkl'],
  ['a JWT', 'cookie eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'eyJzdWIiOiIxIn0'],
  ['a HubSpot refresh token', 'refused na1-0123-4567-89ab-cdef0123', '0123-4567-89ab'],
  [
    'a sealed envelope',
    `v1.k1.${'A'.repeat(16)}.${'B'.repeat(22)}.${'C'.repeat(40)}`,
    'C'.repeat(40),
  ],
  [
    'a code in an address',
    'GET /callback?code=the-code-of-it&state=the-state-of-it',
    'the-code-of-it',
  ],
  [
    'a state in an address',
    'GET /callback?code=the-code-of-it&state=the-state-of-it',
    'the-state-of-it',
  ],
  ['a token in JSON', '{"access_token": "opaque-value"}', 'opaque-value'],
  ['a password in a database address', 'mongodb://app:pass-word@db.example/x', 'pass-word'],
  ['a password in a mail address', 'smtps://app:pass-word@mail.example', 'pass-word'],
  ['a registered value', `it said ${known}!`, known],
]

test.each(secrets)('%s is taken out', (_what, text, secret) =>
  expect(redactor.redact(text)).not.toContain(secret),
)

test.each(secrets)('%s is taken out wherever the text is cut', (_what, text, secret) => {
  const start = text.indexOf(secret)
  for (let kept = 1; kept <= secret.length; kept++) {
    const long = `${'x '.repeat(1000).slice(0, 2000 - start - kept - 1)} ${text}`
    expect(redactor.redact(long)).not.toContain(secret.slice(0, Math.max(4, kept)))
  }
})

test('what is no secret stays, and long text ends with a sign that it was cut', () => {
  expect(redactor.redact('run finished, short of nothing: 250 contacts')).toBe(
    'run finished, short of nothing: 250 contacts',
  )
  expect(redactor.redact('y'.repeat(2000))).toBe('y'.repeat(2000))
  expect(redactor.redact('y'.repeat(2001))).toBe(`${'y'.repeat(2000)}…`)
  expect(redactor.redact('y'.repeat(1_000_000))).toHaveLength(2001)
})
