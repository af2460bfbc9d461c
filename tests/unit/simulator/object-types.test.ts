import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { objectTypeNames, objectTypes } from '../../../simulator/data/object-types'

const folder = new URL('../../../simulator/', import.meta.url)
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !name.startsWith('data/'))
  .map(name => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

/** Names that code outside the data may know: their records have rules of their own. */
const special = ['contacts', 'deals', 'companies']

test('a further kind of records needs rows of data, and no code that names it', () => {
  const kinds = objectTypeNames.filter(type => !special.includes(type))
  expect(kinds).toContain('tickets')
  const naming = (type: (typeof kinds)[number]) => {
    const { objectTypeId } = objectTypes[type]
    const words = [type, objectTypeId].map(word => word.replaceAll('-', '\\-'))
    const pattern = new RegExp(`['"\`](${words.join('|')})['"\`]`)
    return sources.filter(({ text }) => pattern.test(text)).map(({ name }) => `${type}: ${name}`)
  }
  expect(sources.length).toBeGreaterThan(50)
  expect(kinds.flatMap(naming)).toEqual([])
})
