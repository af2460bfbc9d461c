import { describe, expect, test } from 'vitest'
import { assertGoodPassword } from '../../server/accounts/people/password-rules'

const ada = { email: 'ada.lovelace@analytical.test', partnerName: 'Engine Works Ltd' }
const codeOf = async (password: string) =>
  await assertGoodPassword(password, ada).then(
    () => 'good',
    (error: { code: string }) => error.code,
  )

describe('a new password', () => {
  test.each([
    ['short', 'k9$Lq2!xZ'],
    ['too long', 'violet harbour '.repeat(10)],
    ['among the common ones', 'password1234'],
    ['common with other letters', 'P@ssw0rd2026!'],
    ['a row of digits', '123456789012'],
    ['a row of keys', 'qwertyuiop12'],
    ['one letter again and again', 'aaaaaaaaaaaaaaaa'],
    ['a common one twice', 'trustno1trustno1'],
    ["the person's address", 'ada.lovelace@analytical.test'],
    ['made of the name and a year', 'Ada-Lovelace-2026'],
    ['made of the organisation', 'EngineWorks2026!'],
    ["made of the product's name", 'PartnerConnector1'],
  ])('is refused: %s', async (_why, password) => {
    expect(await codeOf(password)).toBe('weak_password')
  })

  test.each([
    'correct horse battery staple',
    'violet-harbour-grazes-42',
    'a-new-long-password-42',
    'Näher-am-Wasser-gebaut-7',
    'k9$Lq2!xZw7#',
    'lovelace would approve of this one',
  ])('is taken: %s', async password => {
    expect(await codeOf(password)).toBe('good')
  })

  test.each([`${'a@4'.repeat(42)}`, `${'(@4$3!0'.repeat(18)}`, '12.12.2012'.repeat(12)])(
    'that is made to be slow to judge is judged: %s',
    async password => {
      expect(await codeOf(password.slice(0, 128))).toMatch(/good|weak_password/)
    },
  )
})
