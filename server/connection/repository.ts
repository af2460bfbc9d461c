import type { ObjectId, UpdateFilter } from 'mongodb'
import type { Collections } from '../database/collections'
import type { PartnerDocument } from '../database/documents'
import { notConnected, owningStatuses, type Integration } from './integration'
import { sealedPath, type SealedField } from './sealed-fields'

type Cleanup = NonNullable<Integration['remote_cleanup']>
type PendingGrant = NonNullable<Integration['pending_grant']>

const field = <N extends string>(name: N) => `hubspot_integration.${name}` as const
const integrationOnly = { projection: { hubspot_integration: 1 } } as const
const idOnly = { projection: { _id: 1 } } as const
const ofOwner = { [field('status')]: { $in: [...owningStatuses] } }

/** @returns the changes as paths from the root of a partner's document */
function pathsOf(changes: Partial<Integration>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(changes).map(([name, value]) => [field(name), value]))
}

/** Matches the integration exactly as it was read. */
function unchanged(partnerId: ObjectId, before: Integration | null) {
  return before === null
    ? { _id: partnerId, hubspot_integration: null }
    : {
        _id: partnerId,
        [field('token_version')]: before.token_version,
        [field('status')]: before.status,
      }
}

/** The `hubspot_integration` of partners: every query and every write, except the refresh lease. */
export function createIntegrationRepository({
  collections: { partners },
}: {
  collections: Pick<Collections, 'partners'>
}) {
  async function write(
    partnerId: ObjectId,
    before: Integration | null,
    update: UpdateFilter<PartnerDocument>,
  ): Promise<boolean> {
    return (await partners.updateOne(unchanged(partnerId, before), update)).matchedCount === 1
  }

  async function idsOf(filter: Record<string, unknown>, limit: number): Promise<ObjectId[]> {
    const found = await partners.find(filter, idOnly).limit(limit).toArray()
    return found.map(partner => partner._id)
  }

  return {
    async read(partnerId: ObjectId): Promise<Integration | null> {
      const partner = await partners.findOne({ _id: partnerId }, integrationOnly)
      return partner?.hubspot_integration ?? null
    },

    /** @returns whether a partner (another one than `except`) holds a grant of this portal */
    async portalOwned(portalId: string, except: ObjectId | null): Promise<boolean> {
      const owner = await partners.findOne({ [field('portal_id')]: portalId, ...ofOwner }, idOnly)
      return owner !== null && (except === null || !owner._id.equals(except))
    },

    /** @returns whether a partner holds a grant of this portal, or is asked whether to keep one */
    async portalInUse(portalId: string): Promise<boolean> {
      const found = await partners.findOne(
        {
          $or: [
            { [field('portal_id')]: portalId, ...ofOwner },
            { [field('pending_grant.portal_id')]: portalId },
          ],
        },
        idOnly,
      )
      return found !== null
    },

    /** Stores a partner's first integration. @returns whether there was none */
    async create(partnerId: ObjectId, integration: Integration): Promise<boolean> {
      return await write(partnerId, null, { $set: { hubspot_integration: integration } })
    },

    /**
     * Changes fields of the integration if it is still the one that was read.
     * @returns whether it was
     */
    async change(
      partnerId: ObjectId,
      before: Integration,
      changes: Partial<Integration>,
    ): Promise<boolean> {
      return await write(partnerId, before, { $set: pathsOf(changes) })
    },

    /** As `change`, and moves the token's version on: a refresh under way can no longer store. */
    async changeAndInvalidate(
      partnerId: ObjectId,
      before: Integration,
      changes: Partial<Integration>,
    ): Promise<boolean> {
      return await write(partnerId, before, {
        $set: pathsOf(changes),
        $inc: { [field('token_version')]: 1 },
      })
    },

    /** @returns the integration after the change, `null` when the partner owns no portal */
    async changeSettings(
      partnerId: ObjectId,
      changes: Partial<Integration>,
    ): Promise<Integration | null> {
      const filter = { _id: partnerId, ...ofOwner }
      const partner =
        Object.keys(changes).length === 0
          ? await partners.findOne(filter)
          : await partners.findOneAndUpdate(
              filter,
              { $set: pathsOf(changes) },
              { returnDocument: 'after' },
            )
      return partner?.hubspot_integration ?? null
    },

    async storeAccount(
      partnerId: ObjectId,
      portalId: string,
      account: NonNullable<Integration['account']>,
    ): Promise<void> {
      await partners.updateOne(
        { _id: partnerId, [field('portal_id')]: portalId },
        { $set: { [field('account')]: account } },
      )
    },

    /** Lets other partners connect the portal of a disconnected partner. */
    async freePortal(partnerId: ObjectId): Promise<void> {
      await partners.updateOne(
        { _id: partnerId, [field('status')]: 'disconnected' },
        { $set: { [field('portal_id')]: null } },
      )
    },

    /**
     * Removes the grant that waits for confirmation.
     * @param portalId only a grant of this account
     * @returns it, `null` when none waits
     */
    async takePendingGrant(partnerId: ObjectId, portalId?: string): Promise<PendingGrant | null> {
      const before = await partners.findOneAndUpdate(
        {
          _id: partnerId,
          ...(portalId === undefined
            ? { [field('pending_grant')]: { $ne: null } }
            : { [field('pending_grant.portal_id')]: portalId }),
        },
        { $set: { [field('pending_grant')]: null } },
        { returnDocument: 'before', ...integrationOnly },
      )
      return before?.hubspot_integration?.pending_grant ?? null
    },

    /** Removes one grant that was not confirmed in time. @returns it, `null` when there is none */
    async takeExpiredPendingGrant(
      now: Date,
    ): Promise<{ partnerId: ObjectId; pending: PendingGrant } | null> {
      const before = await partners.findOneAndUpdate(
        { [field('pending_grant.until')]: { $lte: now } },
        { $set: { [field('pending_grant')]: null } },
        { returnDocument: 'before', ...integrationOnly },
      )
      const pending = before?.hubspot_integration?.pending_grant
      return before && pending ? { partnerId: before._id, pending } : null
    },

    async findDueCleanup(now: Date): Promise<{ partnerId: ObjectId; cleanup: Cleanup } | null> {
      const partner = await partners.findOne(
        { [field('remote_cleanup.next_try_at')]: { $lte: now } },
        integrationOnly,
      )
      const cleanup = partner?.hubspot_integration?.remote_cleanup
      return partner && cleanup ? { partnerId: partner._id, cleanup } : null
    },

    /** Counts one try and moves the next one. @returns whether no other process did so first */
    async claimCleanup(partnerId: ObjectId, cleanup: Cleanup, nextTryAt: Date): Promise<boolean> {
      const { matchedCount } = await partners.updateOne(
        {
          _id: partnerId,
          [field('remote_cleanup.next_try_at')]: cleanup.next_try_at,
          [field('remote_cleanup.until')]: cleanup.until,
        },
        {
          $set: { [field('remote_cleanup.next_try_at')]: nextTryAt },
          $inc: { [field('remote_cleanup.attempts')]: 1 },
        },
      )
      return matchedCount === 1
    },

    /**
     * Notes a clean-up, in the place of one of the same account.
     * @returns whether it is noted: one of another account stays
     */
    async noteCleanup(partnerId: ObjectId, cleanup: Cleanup): Promise<boolean> {
      const { matchedCount } = await partners.updateOne(
        {
          _id: partnerId,
          hubspot_integration: { $ne: null },
          $or: [
            { [field('remote_cleanup')]: null },
            { [field('remote_cleanup.portal_id')]: cleanup.portal_id },
          ],
        },
        { $set: { [field('remote_cleanup')]: cleanup } },
      )
      if (matchedCount === 1) return true
      const hubspot_integration = { ...notConnected, pending_grant: null, remote_cleanup: cleanup }
      return await write(partnerId, null, { $set: { hubspot_integration } })
    },

    /** Removes a clean-up, only if it has not been replaced since it was read. */
    async clearCleanup(partnerId: ObjectId, cleanup: Cleanup): Promise<void> {
      await partners.updateOne(
        {
          _id: partnerId,
          [field('remote_cleanup.until')]: cleanup.until,
          [field('remote_cleanup.portal_id')]: cleanup.portal_id,
        },
        { $set: { [field('remote_cleanup')]: null } },
      )
    },

    async countCleanups(): Promise<number> {
      return await partners.countDocuments({ [field('remote_cleanup')]: { $ne: null } })
    },

    /** Every partner that owns a portal. */
    async owners(): Promise<ObjectId[]> {
      const found = await partners.find(ofOwner, idOnly).toArray()
      return found.map(partner => partner._id)
    },

    /** Degraded partners whose wait before the next refresh is over. */
    async recovering(now: Date, limit: number): Promise<ObjectId[]> {
      return await idsOf(
        { [field('status')]: 'degraded', [field('retry_refresh_at')]: { $lte: now } },
        limit,
      )
    },

    /** Connected partners whose access token expired before this instant. */
    async idleSince(at: Date, limit: number): Promise<ObjectId[]> {
      return await idsOf(
        { [field('status')]: 'connected', [field('expires_at')]: { $lt: at } },
        limit,
      )
    },

    /** Connected partners whose account details are missing, or were read before this instant. */
    async withOldAccount(readBefore: Date, limit: number): Promise<ObjectId[]> {
      const readAt = 'hubspot_integration.account.read_at'
      return await idsOf(
        {
          [field('status')]: 'connected',
          $or: [{ [readAt]: null }, { [readAt]: { $lt: readBefore } }],
        },
        limit,
      )
    },

    /** Replaces one sealed value. @returns whether it was still the envelope that was read */
    async replaceEnvelope(
      partnerId: ObjectId,
      name: SealedField,
      from: string,
      to: string,
    ): Promise<boolean> {
      const path = sealedPath(name)
      const { matchedCount } = await partners.updateOne(
        { _id: partnerId, [path]: from },
        { $set: { [path]: to } },
      )
      return matchedCount === 1
    },
  }
}
export type IntegrationRepository = ReturnType<typeof createIntegrationRepository>
