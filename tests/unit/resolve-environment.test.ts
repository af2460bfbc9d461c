import { describe, expect, test } from 'vitest'
import { loadConfiguration } from '../../server/config/configuration'
import { resolveEnvironment } from '../../server/config/environment'

const missing = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
}
const resolve = (
  environment: Record<string, string>,
  readFile: (path: string) => string = missing,
) => resolveEnvironment(environment, readFile)

describe("the guide's names", () => {
  test("are taken where today's name is unset, each with a hint", () => {
    const { values, hints, problems } = resolve({
      HUBSPOT_CLIENT_ID: 'id-of-the-guide',
      HUBSPOT_CLIENT_SECRET: 'secret-of-the-guide',
      HUBSPOT_REDIRECT_URI: 'http://localhost:3000/v1/integrations/hubspot/callback',
    })
    expect(values).toMatchObject({
      NUXT_PUBLIC_HUBSPOT_CLIENT_ID: 'id-of-the-guide',
      NUXT_HUBSPOT_CLIENT_SECRET: 'secret-of-the-guide',
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:3000/v1/integrations/hubspot/callback',
    })
    expect(hints).toHaveLength(3)
    expect(problems).toEqual([])
    expect(hints.join()).not.toContain('secret-of-the-guide')
  })

  test('are refused where both are set and differ, and taken as one where they are equal', () => {
    const both = { HUBSPOT_CLIENT_ID: 'one', NUXT_PUBLIC_HUBSPOT_CLIENT_ID: 'other' }
    expect(resolve(both).problems).toEqual([
      'HUBSPOT_CLIENT_ID and NUXT_PUBLIC_HUBSPOT_CLIENT_ID are both set, and differ: remove one of them.',
    ])
    expect(resolve({ ...both, HUBSPOT_CLIENT_ID: 'other' }).problems).toEqual([])
  })

  test('CLIENT_URL gives the origin of the redirect URI, and has to agree with one that is set', () => {
    expect(resolve({ CLIENT_URL: 'https://app.example.com/' }).values).toMatchObject({
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'https://app.example.com/v1/integrations/hubspot/callback',
    })
    const set = (url: string) =>
      resolve({
        CLIENT_URL: url,
        HUBSPOT_REDIRECT_URI: 'https://app.example.com/v1/integrations/hubspot/callback',
      }).problems
    expect(set('https://app.example.com')).toEqual([])
    expect(set('https://other.example.com')).toHaveLength(1)
    expect(set('not a url')).toHaveLength(1)
  })
})

describe('secrets as files', () => {
  test('are read, without the line break at the end', () => {
    const { values, problems } = resolve(
      { NUXT_HUBSPOT_CLIENT_SECRET_FILE: '/run/secrets/hubspot' },
      path => (path === '/run/secrets/hubspot' ? 'from-a-file\n' : missing()),
    )
    expect(values.NUXT_HUBSPOT_CLIENT_SECRET).toBe('from-a-file')
    expect(problems).toEqual([])
  })

  test('that cannot be read, are empty, or contradict the variable are told, without a value', () => {
    expect(resolve({ NUXT_MONGODB_URI_FILE: '/nowhere' }).problems).toEqual([
      'The file that NUXT_MONGODB_URI_FILE names cannot be read (ENOENT).',
    ])
    expect(resolve({ NUXT_SMTP_URL_FILE: '/empty' }, () => ' \n').problems).toHaveLength(1)
    const { problems } = resolve(
      { NUXT_AUTH_JWT_SECRET: 'one-value', NUXT_AUTH_JWT_SECRET_FILE: '/file' },
      () => 'another-value',
    )
    expect(problems).toEqual([
      'NUXT_AUTH_JWT_SECRET and NUXT_AUTH_JWT_SECRET_FILE are both set, and differ: set one of them.',
    ])
  })
})

describe('lists of secrets', () => {
  const jwt = ['q8Zr1vXw0Lk3Tn6Yb9Hc2Md5Gf7Js4Pa', 'Zk4Wc7Rt0Yp2Xs5Vb8Nm1Qe3Hj6Lg9Ud'] as const
  const usable = {
    NUXT_MONGODB_URI: 'mongodb://localhost',
    NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7)).toString('base64')}`,
    NUXT_PUBLIC_HUBSPOT_CLIENT_ID: 'client',
    NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:3000/v1/integrations/hubspot/callback',
    NUXT_AUTH_JWT_SECRET: jwt.join(','),
    NUXT_HUBSPOT_CLIENT_SECRET: 'secret-now, secret-before',
  }

  test('the first one signs, the others are still accepted', () => {
    const { jwtSecret, formerJwtSecrets, hubspot } = loadConfiguration(usable)
    expect(new TextDecoder().decode(jwtSecret)).toBe(jwt[0])
    expect(formerJwtSecrets.map(secret => new TextDecoder().decode(secret))).toEqual([jwt[1]])
    expect(hubspot).toMatchObject({
      clientSecret: 'secret-now',
      formerClientSecrets: ['secret-before'],
    })
  })

  test('each of them is checked, and problems found before are told together with these', () => {
    const load =
      (change: Record<string, string>, known: string[] = []) =>
      () =>
        loadConfiguration({ ...usable, ...change }, known)
    expect(load({ NUXT_AUTH_JWT_SECRET: `${jwt[0]},short` })).toThrow(
      /NUXT_AUTH_JWT_SECRET, secret 2 is too short/,
    )
    expect(load({ NUXT_AUTH_JWT_SECRET: `${jwt[0]},` })).toThrow(/empty place/)
    expect(load({}, ['Something is wrong.'])).toThrow(/Something is wrong/)
  })
})
