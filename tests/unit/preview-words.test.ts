import { expect, test } from 'vitest'
import type { Preview, PreviewCounts } from '#shared/contracts/insight'
import { previewGaps, previewSentences } from '../../utils/preview-words'

const counts = (change: Partial<PreviewCounts> = {}): PreviewCounts => ({
  link: 0,
  create: 0,
  update: 0,
  unchanged: 9,
  skip: 0,
  conflict: 0,
  ...change,
})
const part = (change: Partial<Preview['contacts']> = {}): Preview['contacts'] => ({
  inbound: counts(),
  outbound: counts(),
  samples: [],
  examined: 9,
  complete: true,
  ...change,
})
const number = (value: number) => value.toLocaleString('en-GB')

test('a preview is told in sentences, what is written to HubSpot first', () => {
  const preview = {
    contacts: part({
      outbound: counts({ update: 2, conflict: 1 }),
      inbound: counts({ create: 1200, update: 1, link: 4 }),
    }),
    deals: part({ outbound: counts({ update: 1, create: 2 }) }),
  }
  expect(previewSentences(preview, number)).toEqual([
    '3 contacts will change in HubSpot, none will be created there.',
    '1 deal will change in HubSpot, 2 will be created there.',
    '1 lead will change here, 1,200 will be added, 4 will be linked.',
    'No deal will change here, none will be added.',
  ])
  expect(previewGaps(preview, number)).toEqual([])
})

test('a preview that was cut short says of what it counts', () => {
  const preview = { contacts: part({ complete: false, examined: 5000 }), deals: part() }
  expect(previewGaps(preview, number)).toEqual([
    'There are more contacts than were looked at: the numbers count the first 5,000 only.',
  ])
})
