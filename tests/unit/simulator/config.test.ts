import { expect, test } from 'vitest'
import { parseConfig, readConfig } from '../../../simulator/config'

test('the example has accounts with their own pipelines, properties and limits', () => {
  const { portals = [], port, settings } = readConfig('simulator/example.yaml')
  expect(port).toBe(3999)
  expect(settings).toEqual({ latencyMs: 50 })
  expect(portals.map(({ id, hublet, currency }) => [id, hublet, currency])).toEqual([
    [1001, 'na1', 'INR'],
    [1002, 'eu1', 'EUR'],
  ])
  expect(portals[0]?.pipelines?.[0]?.stages[1]).toMatchObject({
    id: 'won',
    metadata: { isClosed: 'true', probability: '1.0' },
  })
  expect(portals[0]?.properties?.contacts?.[0]?.options.map(({ value }) => value)).toEqual([
    'red',
    'blue',
  ])
})

test.each([
  ['portals: [{ id: 1, name: A, timeZone: Moon/Base }]', /portals\.0\.timeZone/],
  ['portals: [{ id: 1, name: A }, { id: 1, name: B }]', /same id/],
  ['portals: [{ id: 1, name: A, colour: red }]', /portals\.0.*colour/s],
  ['settings: { latncyMs: 5 }', /latncyMs/],
  ['portals: []', /portals/],
])('%s is refused with its place', (text, problem) => {
  expect(() => parseConfig(text)).toThrow(problem)
})
