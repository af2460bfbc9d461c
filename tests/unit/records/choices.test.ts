import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DealCreate, DealPatch } from '#shared/contracts/leads'
import { dealStageLabels, dealStages } from '#shared/leads/stages'
import { innerValues, wordFor } from '../../../server/leads/choices'
import { labelOf, optionOf, ownInput, ownText } from '../../../server/records/own-values'

describe('a choice', () => {
  const options = [
    { value: 'salesqualifiedlead', label: 'Sales Qualified' },
    { value: 'a', label: 'b' },
    { value: 'b', label: 'c' },
    { value: 'x1', label: 'Twice' },
    { value: 'x2', label: 'Twice' },
  ]

  test('is taken by value or label, in whichever case', () => {
    for (const given of [
      'salesqualifiedlead',
      'SalesQualifiedLead',
      'sales qualified',
      ' Sales Qualified ',
    ])
      expect(optionOf(options, given)).toBe('salesqualifiedlead')
    expect(optionOf(options, 'b')).toBe('b')
    expect(optionOf(options, 'nothing')).toBeUndefined()
  })

  test('is said by its label only where that leads back to it', () => {
    expect(options.map(({ value }) => labelOf(options, value))).toEqual([
      'Sales Qualified',
      'a',
      'c',
      'Twice',
      'x2',
    ])
    expect(labelOf(options, 'gone')).toBe('gone')
  })

  test('of an own field comes back from a file as it was, whatever labels are called', () => {
    const text = fc.constantFrom('a', 'A', 'b', 'a;b', 'c', ' c', 'yes')
    const fields = fc.record({
      key: fc.constant('own'),
      label: fc.constant('Own'),
      type: fc.constantFrom('choice' as const, 'choices' as const),
      options: fc.uniqueArray(
        fc.record({ value: fc.constantFrom('a', 'b', 'c', 'd'), label: text }),
        { selector: option => option.value, minLength: 1 },
      ),
    })
    fc.assert(
      fc.property(fields, field => {
        const values = field.options.map(({ value }) => value)
        const stored = field.type === 'choice' ? (values[0] ?? '') : values.join(';')
        const written = ownText(field, stored) ?? ''
        expect(ownInput([field], { own: written })).toEqual({ values: { own: stored }, issues: [] })
      }),
    )
  })
})

test('a boolean is taken by the words that pages say', () => {
  const field = { key: 'own', label: 'Own', type: 'boolean' as const, options: [] }
  const read = (own: string) => ownInput([field], { own }).values.own
  expect(['Yes', 'no', 'TRUE', 'false'].map(read)).toEqual(['true', 'false', 'true', 'false'])
  expect(ownInput([field], { own: 'maybe' }).issues).toHaveLength(1)
})

test('a built-in choice is stored by what the account calls it inside, and said by its label', () => {
  const choices = { lifecycleStage: [{ value: '102', label: 'Partner' }] }
  expect(innerValues(choices, { lifecycleStage: 'partner', company: 'Partner' })).toEqual({
    lifecycleStage: '102',
    company: 'Partner',
  })
  expect(innerValues({}, { lifecycleStage: 'Customer' })).toEqual({ lifecycleStage: 'customer' })
  expect(wordFor(choices, 'lifecycleStage', '102')).toBe('Partner')
  expect(wordFor({}, 'hubspotOwnerId', '7')).toBe('7')
})

test('a stage of ours is taken by its label too', () => {
  for (const stage of dealStages) {
    expect(DealPatch.parse({ stage: dealStageLabels[stage] })).toEqual({ stage })
    expect(DealCreate.parse({ name: 'A deal', stage: stage.toUpperCase() })).toMatchObject({
      stage,
    })
  }
  expect(DealPatch.safeParse({ stage: 'Signed' }).success).toBe(false)
  expect(DealPatch.parse({ stage: null })).toEqual({ stage: null })
})
