import { describe, expect, test, vi } from 'vitest'
import { hashPassword, needsRehash, verifyPassword } from '../../server/accounts/passwords'

// Each hash costs what it should; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

describe('a stored password', () => {
  test('is an scrypt hash with a salt of its own, and nothing of a long one is cut off', async () => {
    const long = 'x'.repeat(128)
    const [one, other] = await Promise.all([hashPassword(long), hashPassword(long)])
    expect(one).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
    expect(one).not.toBe(other)
    expect(one).not.toContain('xxx')
    expect(await verifyPassword(long, one)).toBe(true)
    for (const near of [
      `${'x'.repeat(127)}y`,
      'x'.repeat(127),
      `${long} `,
      `${long}\u0000`,
      long.toUpperCase(),
    ])
      expect(await verifyPassword(near, one)).toBe(false)
    expect(needsRehash(one)).toBe(false)
    expect(needsRehash(one.replace('$3$', '$1$'))).toBe(true)
  })

  test('is the same however a keyboard composes its letters', async () => {
    expect(
      await verifyPassword(
        'passwo\u0308rter sind lang',
        await hashPassword('passw\u00F6rter sind lang'),
      ),
    ).toBe(true)
  })

  test('of an account that does not exist, or in another form, opens nothing', async () => {
    for (const stored of [
      null,
      '',
      'plain text password',
      'scrypt$32768$8$3$$',
      'scrypt$32768$8$3$AAAA$',
    ])
      expect(await verifyPassword('a long enough password', stored), String(stored)).toBe(false)
  })
})
