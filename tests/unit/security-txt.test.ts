import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { present } from '../support/present'

const fields = readFileSync(
  new URL('../../public/.well-known/security.txt', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
  .map(line => line.split(': ') as [string, string])
const valuesOf = (name: string) =>
  fields.filter(([field]) => field === name).map(([, value]) => value)

test('security.txt has what RFC 9116 asks for', () => {
  expect(
    fields.every(([name, value]) => /^[A-Z][A-Za-z-]+$/.test(name) && value !== undefined),
  ).toBe(true)
  expect(valuesOf('Contact').length).toBeGreaterThan(0)
  for (const uri of [...valuesOf('Contact'), ...valuesOf('Canonical')])
    expect(uri).toMatch(/^(https:\/\/|mailto:|tel:)/)
  expect(valuesOf('Preferred-Languages').length).toBeLessThanOrEqual(1)
})

test('security.txt expires in the future, within a year: renew it with the yearly review', () => {
  expect(valuesOf('Expires')).toHaveLength(1)
  const days = (Date.parse(present(valuesOf('Expires')[0])) - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(0)
  expect(days).toBeLessThan(366)
})
