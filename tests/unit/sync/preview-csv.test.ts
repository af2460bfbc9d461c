import { expect, test } from 'vitest'
import type { Preview, PreviewSample } from '#shared/contracts/insight'
import { previewLines } from '../../../server/sync/insight/preview-csv'
import { createTally } from '../../../server/sync/insight/tally'

const words = {
  objects: { contacts: 'Lead', deals: 'Deal' },
  directions: { inbound: 'From HubSpot', outbound: 'To HubSpot' },
  actions: {
    link: 'Link',
    create: 'Create',
    update: 'Change',
    unchanged: 'Leave as is',
    skip: 'Skip',
    conflict: 'Conflict',
  },
  field: (_kind: string, field: string) => ({ firstName: 'First name' })[field] ?? field,
  value: (_kind: string, field: string, value: string | null) =>
    field === 'own' && value === 'x' ? 'North' : value,
  partial: (kind: string, examined: string) => `${kind}: the first ${examined} only`,
}
const sample = (change: Partial<PreviewSample> = {}): PreviewSample => ({
  direction: 'outbound',
  action: 'update',
  label: 'Ada',
  hubspotId: '7',
  changes: [],
  why: null,
  ...change,
})
function part(samples: PreviewSample[], change: Partial<Preview['contacts']> = {}) {
  const tally = createTally(Infinity)
  for (const one of samples) tally.sample(one)
  return { ...tally.result(), examined: 9, complete: true, ...change }
}
async function linesOf(preview: Preview): Promise<string[]> {
  const lines: string[] = []
  for await (const line of previewLines(preview, words)) lines.push(line.trim())
  return lines
}

test('a preview as CSV has a line for each change, in words, and every record', async () => {
  const many = Array.from({ length: 40 }, (_, index) => sample({ label: `Lead ${index}` }))
  const changes = [
    { field: 'firstName', from: 'Ada', to: '=1+1' },
    { field: 'own', from: null, to: 'x' },
  ]
  const lines = await linesOf({
    contacts: part([sample({ changes, why: 'Because.' }), ...many]),
    deals: part([sample({ direction: 'inbound', action: 'create', label: 'Big', hubspotId: '9' })]),
  })
  expect(lines).toHaveLength(1 + 2 + 40 + 1)
  expect(lines.slice(1, 4)).toEqual([
    "Lead,To HubSpot,Change,Ada,7,First name,Ada,'=1+1,Because.",
    'Lead,To HubSpot,Change,Ada,7,own,,North,Because.',
    'Lead,To HubSpot,Change,Lead 0,7,,,,',
  ])
  expect(lines.at(-1)).toBe('Deal,From HubSpot,Create,Big,9,,,,')
})

test('one that was cut short says so in its first lines', async () => {
  const lines = await linesOf({
    contacts: part([sample()], { complete: false, examined: 10_000 }),
    deals: part([]),
  })
  expect(lines[1]).toBe('Lead,,,,,,,,contacts: the first 10000 only')
  expect(lines).toHaveLength(3)
})

test('a page shows the first few of each kind only', () => {
  const tally = createTally(2)
  for (const direction of ['inbound', 'outbound'] as const)
    for (const label of ['a', 'b', 'c']) tally.sample(sample({ direction, label }))
  expect(tally.result().samples.map(one => `${one.direction} ${one.label}`)).toEqual([
    'inbound a',
    'inbound b',
    'outbound a',
    'outbound b',
  ])
})
