import { expect, test, vi } from 'vitest'
import { createSessionTokens } from '../../server/accounts/tokens'

const secret = (letter: string) => new TextEncoder().encode(letter.repeat(32))
const claims = {
  userId: 'a'.repeat(24),
  sessionId: 'b'.repeat(24),
  partnerId: 'c'.repeat(24),
}
const tokens = (first: string, ...former: string[]) =>
  createSessionTokens({
    secret: secret(first),
    formerSecrets: former.map(secret),
    clock: () => new Date('2026-11-27T12:00:00Z'),
    lifetimeSeconds: 3600,
  })

test('a session outlives a change of secret for as long as the former one is listed', async () => {
  const before = await tokens('x').sign(claims)
  expect(await tokens('y', 'x').verify(before)).toEqual(claims)
  expect(await tokens('z', 'y', 'x').verify(before)).toEqual(claims)
  expect(await tokens('y').verify(before)).toBeNull()
})

test('new sessions are signed with the first secret', async () => {
  const after = await tokens('y', 'x').sign(claims)
  expect(await tokens('y').verify(after)).toEqual(claims)
  expect(await tokens('x').verify(after)).toBeNull()
})

test('a right signature is checked once a minute, and nothing outlives its time', async () => {
  let now = Date.parse('2026-11-27T12:00:00Z')
  const own = createSessionTokens({
    secret: secret('x'),
    formerSecrets: [],
    clock: () => new Date(now),
    lifetimeSeconds: 90,
  })
  const token = await own.sign(claims)
  const verify = vi.spyOn(crypto.subtle, 'verify')
  for (let i = 0; i < 3; i++) expect(await own.verify(token)).toEqual(claims)
  expect(verify).toHaveBeenCalledTimes(1)
  expect(await own.verify(`${token.slice(0, -4)}AAAA`)).toBeNull()
  now += 61_000
  expect(await own.verify(token)).toEqual(claims)
  expect(verify).toHaveBeenCalledTimes(3)
  // 90 s, and the five that clocks may differ by.
  now += 35_000
  expect(await own.verify(token)).toBeNull()
  // A clock that was set back: what was checked in the future counts for nothing.
  now -= 200_000
  expect(await own.verify(token)).toBeNull()
  verify.mockRestore()
})
