import { describe, expect, test } from 'vitest'
import { addressOf, isPublicAddress } from '../../../server/alerts/webhook/public-address'

describe('an address of the internet', () => {
  test.each(['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    '%s is one',
    address => expect(isPublicAddress(address)).toBe(true),
  )

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.0.9',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.0.8',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('%s is none', address => expect(isPublicAddress(address)).toBe(false))
})

describe('the address of a host', () => {
  const resolving = (...addresses: string[]) => ({
    anywhere: false,
    resolve: async () =>
      addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }) as const),
  })

  test('is what its name resolves to', async () => {
    expect(await addressOf('hooks.example', resolving('8.8.8.8', '2606:4700::1111'))).toEqual({
      address: '8.8.8.8',
      family: 4,
    })
  })

  test('is refused when one of several is private: whoever connects may get that one', async () => {
    expect(await addressOf('hooks.example', resolving('8.8.8.8', '10.0.0.1'))).toBe('not_public')
  })

  // As the URL parser writes them: `https://0x7f.1/` and `https://2130706433/` become 127.0.0.1.
  test.each([
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
  ])('of %s is refused, which needs no resolving', async url => {
    const never = async () => Promise.reject(new Error('resolved'))
    const { hostname } = new URL(url)
    expect(await addressOf(hostname, { anywhere: false, resolve: never })).toBe('not_public')
  })

  test('that has none is no host; anywhere takes private ones', async () => {
    expect(await addressOf('hooks.example', resolving())).toBe('no_such_host')
    expect(
      await addressOf('hooks.example', { ...resolving('10.0.0.1'), anywhere: true }),
    ).toMatchObject({ address: '10.0.0.1' })
  })
})
