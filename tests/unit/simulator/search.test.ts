import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createClock } from '../../../simulator/clock'
import { defaultPortals } from '../../../simulator/data/portals'
import {
  archiveRecord,
  createRecord,
  mergeRecords,
  updateRecord,
} from '../../../simulator/store/changes'
import { madeInCrm } from '../../../simulator/store/events'
import { parseFilter } from '../../../simulator/store/filters'
import type { RecordView } from '../../../simulator/store/record'
import { createPortal, type Portal } from '../../../simulator/store/portal'
import { findRecords } from '../../../simulator/store/search'

const baseCount = 40
const [description] = defaultPortals(baseCount, 0)
const firstTime = Date.UTC(2024, 0, 1)
const lastTime = Date.UTC(2026, 11, 1)

/** A few instants, so that edits and base records meet and ties are common. */
const times = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map(n => firstTime + n * Math.floor((lastTime - firstTime) / 12)),
  fc.integer({ min: firstTime, max: lastTime }),
)
const places = fc.nat(baseCount + 5)
const changes = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('edit' as const),
      place: places,
      at: times,
      stage: fc.constantFrom('lead', 'customer'),
    }),
    fc.record({
      kind: fc.constant('create' as const),
      at: times,
      stage: fc.constantFrom('lead', 'customer'),
    }),
    fc.record({ kind: fc.constant('archive' as const), place: places, at: times }),
    fc.record({ kind: fc.constant('merge' as const), place: places, loser: places, at: times }),
  ),
  { maxLength: 30 },
)

const filters = fc.oneof(
  fc.record({
    propertyName: fc.constantFrom('lastmodifieddate', 'createdate'),
    operator: fc.constantFrom('EQ', 'GT', 'GTE', 'LT', 'LTE', 'NEQ'),
    value: times.map(String),
  }),
  fc.record({
    propertyName: fc.constant('lastmodifieddate'),
    operator: fc.constant('BETWEEN'),
    value: times.map(String),
    highValue: times.map(String),
  }),
  fc.record({
    propertyName: fc.constant('hs_object_id'),
    operator: fc.constantFrom('EQ', 'GT', 'LTE'),
    value: places.map(place => String(51_400_201 + place * 4)),
  }),
  fc.record({
    propertyName: fc.constant('lifecyclestage'),
    operator: fc.constantFrom('EQ', 'NEQ'),
    value: fc.constantFrom('lead', 'customer'),
  }),
  fc.record({
    propertyName: fc.constant('email'),
    operator: fc.constantFrom('HAS_PROPERTY', 'NOT_HAS_PROPERTY'),
  }),
)
const groups = fc.array(fc.array(filters, { minLength: 1, maxLength: 3 }), { maxLength: 3 })
const sorts = fc.record({
  property: fc.constantFrom('lastmodifieddate', 'createdate', 'hs_object_id', 'lifecyclestage'),
  descending: fc.boolean(),
})

function apply(
  portal: Portal,
  list: typeof changes extends fc.Arbitrary<infer T> ? T : never,
): void {
  for (const change of list) {
    const context = { source: madeInCrm, at: change.at }
    if (change.kind === 'create') {
      createRecord(portal, 'contacts', { lifecyclestage: change.stage }, context)
      continue
    }
    const record = portal.contacts.view(change.place)
    if (!record || record.archivedAt !== null) continue
    if (change.kind === 'edit')
      updateRecord(portal, 'contacts', record, { lifecyclestage: change.stage }, context)
    if (change.kind === 'archive') archiveRecord(portal, 'contacts', record, context)
    const loser = change.kind === 'merge' ? portal.contacts.view(change.loser) : null
    if (loser && loser.index !== record.index && loser.archivedAt === null)
      mergeRecords(portal, 'contacts', record, loser, context)
  }
}

const keyOf = (record: RecordView, property: string) =>
  property === 'lastmodifieddate'
    ? record.updatedAt
    : property === 'createdate'
      ? record.createdAt
      : property === 'hs_object_id'
        ? record.index
        : (record.value(property) ?? '')

test('a search finds what looking at every record would find, in order, page by page', () => {
  fc.assert(
    fc.property(
      changes,
      groups,
      sorts,
      fc.integer({ min: 1, max: 50 }),
      (list, given, sort, upTo) => {
        const portal = createPortal({
          description,
          seed: 7,
          clock: createClock(),
          searchLagMs: () => 0,
          onChange: () => {},
        })
        apply(portal, list)
        const parsed = given.map(group =>
          group.map(filter => parseFilter(portal, 'contacts', filter)),
        )
        const everything = Array.from({ length: portal.contacts.size() }, (_, index) =>
          portal.contacts.view(index),
        )
        const wanted = everything
          .filter(record => record !== null)
          .filter(record => record.archivedAt === null)
          .filter(
            record =>
              parsed.length === 0 ||
              parsed.some(group => group.every(filter => filter.matches(record))),
          )

        const query = { groups: parsed, text: null, sort, key: JSON.stringify([given, sort]) }
        const { total, indexes } = findRecords(portal.contacts, query, upTo)
        expect(total).toBe(wanted.length)
        expect(indexes.length).toBeGreaterThanOrEqual(Math.min(upTo, total))
        const all = findRecords(portal.contacts, query, 1_000).indexes
        expect([...all].sort((a, b) => a - b)).toEqual(wanted.map(({ index }) => index))
        expect(indexes.slice(0, upTo)).toEqual(all.slice(0, upTo))
        const keys = all.map(index =>
          keyOf(wanted.find(record => record.index === index) as RecordView, sort.property),
        )
        const ordered = keys.toSorted(
          (a, b) => (a < b ? -1 : a > b ? 1 : 0) * (sort.descending ? -1 : 1),
        )
        expect(keys).toEqual(ordered)
      },
    ),
    { numRuns: 300 },
  )
})
