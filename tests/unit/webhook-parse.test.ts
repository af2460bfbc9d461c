import { describe, expect, test } from 'vitest'
import { parseWebhook } from '../../server/sync/webhooks/parse'

const read = (event: object) =>
  parseWebhook(
    Buffer.from(
      JSON.stringify([{ eventId: 1, portalId: 62515, occurredAt: 1_790_000_000_000, ...event }]),
    ),
  )
const deal = { objectType: 'deals', objectId: '33', kind: 'associationChange' }
const generic = { subscriptionType: 'object.associationChange' }

describe('an association that changed points to its deal', () => {
  test.each([
    [
      'classic, of the contact',
      {
        subscriptionType: 'contact.associationChange',
        associationType: 'CONTACT_TO_DEAL',
        fromObjectId: 5,
        toObjectId: 33,
      },
    ],
    [
      'classic, of the deal',
      {
        subscriptionType: 'deal.associationChange',
        associationType: 'DEAL_TO_CONTACT',
        fromObjectId: 33,
        toObjectId: 5,
      },
    ],
    [
      "generic, with the object's type",
      {
        ...generic,
        objectTypeId: '0-3',
        associationType: 'DEAL_TO_CONTACT',
        fromObjectId: 33,
        toObjectId: 5,
      },
    ],
    [
      "generic, told by the association's name alone",
      { ...generic, associationType: 'DEAL_TO_CONTACT', fromObjectId: 33, toObjectId: 5 },
    ],
    [
      "the same from the contact's side",
      { ...generic, associationType: 'CONTACT_TO_DEAL', fromObjectId: 5, toObjectId: 33 },
    ],
    [
      'a labelled one, in small letters',
      { ...generic, associationType: 'contact_to_deal_unlabeled', fromObjectId: 5, toObjectId: 33 },
    ],
    [
      'generic, told by the types of the ends',
      {
        ...generic,
        fromObjectTypeId: '0-3',
        fromObjectId: 33,
        toObjectTypeId: '0-1',
        toObjectId: 5,
      },
    ],
    [
      'the same the other way round',
      {
        ...generic,
        fromObjectTypeId: '0-1',
        fromObjectId: 5,
        toObjectTypeId: '0-3',
        toObjectId: 33,
      },
    ],
    [
      'with a name of another form',
      {
        ...generic,
        associationType: 3,
        fromObjectTypeId: '0-3',
        fromObjectId: 33,
        toObjectTypeId: '0-1',
        toObjectId: 5,
      },
    ],
    [
      "with one end's type only",
      {
        ...generic,
        associationType: 'CONTACT_TO_DEAL',
        toObjectTypeId: '0-3',
        fromObjectId: 5,
        toObjectId: 33,
      },
    ],
  ])('%s', (_name, event) => {
    expect(read(event)).toMatchObject({ events: [deal], ignored: 0, malformed: 0 })
  })

  test.each([
    [
      'of other objects',
      { ...generic, associationType: 'COMPANY_TO_DEAL', fromObjectId: 5, toObjectId: 33 },
    ],
    [
      'of other objects by their types',
      {
        ...generic,
        fromObjectTypeId: '0-2',
        fromObjectId: 5,
        toObjectTypeId: '0-3',
        toObjectId: 33,
      },
    ],
    [
      'of an object of another type',
      {
        ...generic,
        objectTypeId: '0-2',
        associationType: 'CONTACT_TO_DEAL',
        fromObjectId: 5,
        toObjectId: 33,
      },
    ],
    ['that says nothing of what it is', { ...generic, fromObjectId: 5, toObjectId: 33 }],
    ['without its ends', { ...generic, associationType: 'CONTACT_TO_DEAL' }],
  ])('one %s is ignored', (_name, event) => {
    expect(read(event)).toEqual({ events: [], ignored: 1, malformed: 0 })
  })
})

test("another generic event without its object's type is ignored", () => {
  expect(read({ subscriptionType: 'object.propertyChange', objectId: 5 })).toEqual({
    events: [],
    ignored: 1,
    malformed: 0,
  })
  expect(
    read({
      subscriptionType: 'object.merge',
      objectTypeId: '0-1',
      primaryObjectId: 5,
      mergedObjectIds: [6],
    }),
  ).toMatchObject({ events: [{ objectType: 'contacts', objectId: '5' }] })
})
