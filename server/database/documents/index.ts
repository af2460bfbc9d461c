/** What stands in MongoDB. Dates are BSON dates, our ids ObjectIds, HubSpot's ids strings. */
export type * from './partners'
export type * from './integration'
export type * from './records'
export type * from './runs'
export type * from './webhooks'
export type * from './mappings'
export type * from './operations'
export type * from './record-operations'
