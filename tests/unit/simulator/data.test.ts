import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lowerBound } from '../../../simulator/data/base'
import { createBaseContacts } from '../../../simulator/data/contacts'
import { createBaseDeals } from '../../../simulator/data/deals'
import { defaultPipelines } from '../../../simulator/data/pipelines'
import { present } from '../../support/present'

const seeds = fc.integer({ min: 0, max: 0xffffffff })
const properties = [
  'email',
  'firstname',
  'lastname',
  'company',
  'phone',
  'jobtitle',
  'lifecyclestage',
  'hubspot_owner_id',
  'partner_tier',
]

describe("a portal's first records", () => {
  test('are the same whenever and in whatever order they are asked for', () => {
    fc.assert(
      fc.property(seeds, fc.nat(999_999), (seed, index) => {
        const once = createBaseContacts(seed, 1_000_000)
        const again = createBaseContacts(seed, 1_000_000)
        again.value(index === 0 ? 1 : index - 1, 'email')
        for (const property of properties)
          expect(again.value(index, property)).toBe(once.value(index, property))
      }),
    )
  })

  test('differ in their addresses, and each address leads back to its contact', () => {
    fc.assert(
      fc.property(seeds, seed => {
        const contacts = createBaseContacts(seed, 2_000)
        const emails = Array.from({ length: 2_000 }, (_, index) => contacts.value(index, 'email'))
        const given = emails.filter(email => email !== null)
        expect(new Set(given).size).toBe(given.length)
        expect(given.length).toBeGreaterThan(1_700)
        expect(given.length).toBeLessThan(2_000)
        for (const [index, email] of emails.entries())
          if (email !== null) expect(contacts.indexOfEmail(email)).toBe(index)
        expect(contacts.indexOfEmail('somebody@example.com')).toBe(-1)
      }),
      { numRuns: 5 },
    )
  })

  test('are modified after they were created, in order of their ids', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), (seed, count, at) => {
        const contacts = createBaseContacts(seed, count)
        const index = at % count
        expect(contacts.modifiedAt(index)).toBeGreaterThanOrEqual(contacts.createdAt(index))
        if (index > 0) {
          expect(contacts.createdAt(index)).toBeGreaterThan(contacts.createdAt(index - 1))
          expect(contacts.modifiedAt(index)).toBeGreaterThan(contacts.modifiedAt(index - 1))
        }
        expect(lowerBound(count, contacts.modifiedAt, contacts.modifiedAt(index))).toBe(index)
        expect(contacts.modifiedAt(count - 1)).toBeLessThan(Date.UTC(2026, 6))
      }),
    )
  })

  test('belong together from both sides', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 0, max: 150 }),
        (seed, contactCount, dealCount) => {
          const deals = createBaseDeals(seed, dealCount, contactCount, ['USD'])
          const fromDeals = Array.from({ length: dealCount }, (_, deal) =>
            deals.contactsOf(deal).map(contact => `${contact}:${deal}`),
          )
            .flat()
            .sort()
          const fromContacts = Array.from({ length: contactCount }, (_, contact) =>
            deals.dealsOf(contact).map(deal => `${contact}:${deal}`),
          )
            .flat()
            .sort()
          expect(fromContacts).toEqual(fromDeals)
          for (let deal = 0; deal < dealCount; deal++)
            expect(deals.contactsOf(deal).length).toBeLessThanOrEqual(3)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('deals stand in stages that exist', () => {
    const deals = createBaseDeals(1, 500, 100, ['USD', 'EUR'])
    const stages = new Set(
      present(defaultPipelines.deals)().flatMap(pipeline =>
        pipeline.stages.map(stage => `${pipeline.id}/${stage.id}`),
      ),
    )
    for (let index = 0; index < 500; index++)
      expect(stages).toContain(
        `${deals.value(index, 'pipeline')}/${deals.value(index, 'dealstage')}`,
      )
  })
})
