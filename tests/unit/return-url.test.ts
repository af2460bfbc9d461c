import { afterAll, expect, test } from 'vitest'
import { withState } from '#shared/hubspot/install-url'
import { parseReturnUrl } from '../../server/connection/return-url'
import { present } from '../support/present'

const own = {
  authorizeUrl: 'https://app.hubspot.com/oauth/authorize',
  clientId: 'our-client',
  redirectUri: 'https://app.example.test/v1/integrations/hubspot/callback',
}
const good = [
  'https://app.hubspot.com/marketplace/authorize',
  'https://app.hubspot.com/oauth/1/authorize?client_id=our-client',
  'https://app.hubspot.com/ecosystem/1/marketplace/apps?a=b&c=d%20e',
  'https://app-eu1.hubspot.com/integrations-settings/1/installed',
  'https://app-na2.hubspot.com/app-install/x#y',
  'https://APP.hubspot.com/ecosystem/1/install',
]
export const badReturnUrls = [
  'https://app.hubspot.com/',
  'https://app.hubspot.com/x?y',
  'https://app.hubspot.com/contacts/1/installer',
  'https://app.hubspot.com/oauth/authorize?client_id=another',
  'https://app.hubspot.com/ecosystem/1/install?redirect_uri=https://evil.test',
  'https://app.hubspot.com/ecosystem/1/install?client_id=our-client&client_id=another',
  'https://app.hubspot.com/ecosystem/1/install?state=x',
  '',
  '/',
  '//evil.test',
  '///evil.test',
  '/\\evil.test',
  '\\\\evil.test',
  'https:evil.test',
  'https:/evil.test',
  'https:///evil.test',
  'evil.test',
  'app.hubspot.com',
  '//app.hubspot.com/x',
  'https://app.hubspot.com@evil.test',
  'https://app.hubspot.com:x@evil.test/',
  'https://user@app.hubspot.com/',
  'https://user:pw@app.hubspot.com/',
  'https://app.hubspot.com.evil.test',
  'https://app.hubspot.com.',
  'https://app.hubspot.com./x',
  'https://app.hubspot.com%2f@evil.test',
  'https://app.hubspot.com%2f.evil.test',
  'https://app.hubspot.com\\@evil.test',
  'https://app.hubspot.com\\.evil.test',
  'https://evil.test/https://app.hubspot.com',
  'https://evil.test#app.hubspot.com',
  'https://evil.test?app.hubspot.com',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://app.hubspot.com/x',
  'file:///etc/passwd',
  'ftp://app.hubspot.com/',
  'http://app.hubspot.com/',
  'http://app-eu1.hubspot.com/x',
  'https://app.hubspot.com:8443/',
  'https://app-eu1.hubspot.com:444/',
  'https://app.hubspot.com:80/',
  'https://app-.hubspot.com/',
  'https://app-eu.hubspot.com/',
  'https://app-eu123.hubspot.com/',
  'https://app-1eu.hubspot.com/',
  'https://xapp.hubspot.com/',
  'https://app.hubspot.co',
  'https://apphubspot.com/',
  'https://hubspot.com/',
  'https://www.hubspot.com/',
  'https://evil.app.hubspot.com/',
  'https://app.hubspotcom/',
  'ht\ttps://app.hubspot.com/',
  ' https://app.hubspot.com/',
  'https://app.hubspot.com/\nx',
  'https://app.hubspot.com/\r\nSet-Cookie:a=b',
  'https://app.hubspot.com/\u0000',
  'https://аpp.hubspot.com/',
  'https://app.hubsроt.com/',
  'https://app。hubspot。com/',
  'https://app.hubspot.com／@evil.test',
  'https://app.hubspot%2ecom/',
  'https://%61pp.hubspot.com/',
  'https%3A%2F%2Fapp.hubspot.com',
  'https://[::1]/',
  'https://127.0.0.1/',
  'https://2130706433/',
  `https://app.hubspot.com/${'x'.repeat(2100)}`,
]

afterAll(() => console.info(`return URL: ${badReturnUrls.length} payloads, 0 let through`))

test.each(good)('goes back to %s', text => {
  const url = parseReturnUrl(text, own)
  expect(url?.hostname).toMatch(/^app(-[a-z]{2}\d)?\.hubspot\.com$/)
  expect(new URL(withState(present(url).href, 'S')).searchParams.get('state')).toBe('S')
})

test.each(badReturnUrls)('does not go to %j', text => {
  expect(parseReturnUrl(text, own)).toBeNull()
})

test('takes one text only, and our own state wins over one in the URL', () => {
  for (const value of [
    undefined,
    null,
    1,
    {},
    ['https://app.hubspot.com/', 'https://app.hubspot.com/'],
  ])
    expect(parseReturnUrl(value, own)).toBeNull()
  expect(withState('https://app.hubspot.com/x?state=evil&state=evil2&a=b', 'S')).toBe(
    'https://app.hubspot.com/x?state=S&a=b',
  )
})

test('goes to the simulator where that is what is configured, and to nothing beside it', () => {
  const simulator = { ...own, authorizeUrl: 'http://127.0.0.1:4010/oauth/authorize' }
  expect(parseReturnUrl('http://127.0.0.1:4010/marketplace', simulator)?.href).toBe(
    'http://127.0.0.1:4010/marketplace',
  )
  for (const text of [
    'http://127.0.0.1:4011/',
    'https://127.0.0.1:4010/',
    'http://localhost:4010/',
    'http://127.0.0.1:4010@evil.test/',
  ])
    expect(parseReturnUrl(text, simulator)).toBeNull()
})
