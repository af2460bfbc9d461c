import { expect, test } from 'vitest'
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
