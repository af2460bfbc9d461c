import type { PreviewCounts, PreviewSample } from '#shared/contracts/insight'
import type { DealDocument, LeadDocument } from '../../database/documents'

/** Examples of each kind of change */
const samplesOfEachKind = 5

export interface Tally {
  count(direction: PreviewSample['direction'], action: keyof PreviewCounts, by: number): void
  sample(sample: PreviewSample): void
  result(): { inbound: PreviewCounts; outbound: PreviewCounts; samples: PreviewSample[] }
}

/** Counts, and keeps the first few examples of each kind. */
export function createTally(): Tally {
  const none = (): PreviewCounts => ({
    link: 0,
    create: 0,
    update: 0,
    unchanged: 0,
    skip: 0,
    conflict: 0,
  })
  const counts = { inbound: none(), outbound: none() }
  const samples: PreviewSample[] = []
  return {
    count(direction, action, by) {
      counts[direction][action] += by
    },
    sample(sample) {
      const known = samples.filter(
        one => one.direction === sample.direction && one.action === sample.action,
      ).length
      if (known < samplesOfEachKind) samples.push(sample)
    },
    result: () => ({ ...counts, samples }),
  }
}

/** What a person calls the record. */
export function labelOf(record: LeadDocument | DealDocument): string {
  if ('lead_ids' in record) return record.values.name ?? 'A deal without a name'
  const name = [record.values.firstName, record.values.lastName]
    .filter(part => part !== null)
    .join(' ')
  return name || record.values.email || 'A contact without a name'
}
