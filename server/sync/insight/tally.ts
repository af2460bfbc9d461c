import type { PreviewCounts, PreviewSample } from '#shared/contracts/insight'
import type { DealDocument, LeadDocument } from '../../database/documents'

/** Examples of each kind of change that a page shows */
export const samplesOfEachKind = 5

export interface Tally {
  count(direction: PreviewSample['direction'], action: keyof PreviewCounts, by: number): void
  sample(sample: PreviewSample): void
  result(): { inbound: PreviewCounts; outbound: PreviewCounts; samples: PreviewSample[] }
}

/** Counts, and keeps the first examples of each kind. @param most of each kind */
export function createTally(most: number): Tally {
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
  const kept = new Map<string, number>()
  return {
    count(direction, action, by) {
      counts[direction][action] += by
    },
    sample(sample) {
      const kind = `${sample.direction} ${sample.action}`
      const known = kept.get(kind) ?? 0
      if (known >= most) return
      samples.push(sample)
      kept.set(kind, known + 1)
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
