import type { Collections } from '../../database/collections'
import type { SyncScopeDocument } from '../../database/documents'
import { allKinds } from '../../records/kinds'
import { wakeLeftOut } from '../../records/repository/scope'
import type { SyncCursors } from './cursors-repository'
import type { RunContext, Runner } from '../runs/context'

type Stored = Pick<SyncScopeDocument, 'revision' | 'applied_revision' | 'updated_at' | 'lead'>
type PartnerId = RunContext['partnerId']

export interface ScopeChangeDeps {
  collections: Collections
  cursors: Pick<SyncCursors, 'setFollowsLists'>
  mapping: {
    scope: {
      repository: {
        find(partnerId: PartnerId, portalId: string): Promise<Stored | null>
        markApplied(partnerId: PartnerId, portalId: string, revision: number): Promise<void>
      }
    }
  }
  /** Asks for a run that reads every record again */
  askForReread(partnerId: PartnerId): Promise<unknown>
}

/**
 * A scope that was saved reaches every record by a run that reads all of them: page by page, with a
 * checkpoint, so a kill at any point costs one page. The scope counts as applied at the end of such
 * a run, if it was not saved again meanwhile.
 */
export function createScopeChange({
  collections,
  cursors,
  mapping,
  askForReread,
}: ScopeChangeDeps) {
  const { repository } = mapping.scope

  async function waiting({ partnerId, portalId }: RunContext): Promise<Stored | null> {
    const stored = await repository.find(partnerId, portalId)
    return stored && stored.applied_revision < stored.revision ? stored : null
  }

  return {
    /** A run that reads every record, and so applies the scope as it stood at its first page. */
    applying:
      (run: Runner): Runner =>
      async ctx => {
        const scope = await waiting(ctx)
        // Pages before a kill met the same scope only if it was saved before the run began.
        const isWhole =
          ctx.checkpoint() === null || (scope !== null && scope.updated_at <= ctx.run.watermark)
        if (scope) for (const kind of allKinds) await wakeLeftOut(collections, kind, ctx.partnerId)
        await run(ctx)
        const stored = await repository.find(ctx.partnerId, ctx.portalId)
        if (stored) await cursors.setFollowsLists(ctx, stored.lead.list_ids.length > 0)
        if (scope && isWhole)
          await repository.markApplied(ctx.partnerId, ctx.portalId, scope.revision)
      },

    /** A run after which a scope that still waits is applied: the request for it may be lost. */
    reminding:
      (run: Runner): Runner =>
      async ctx => {
        await run(ctx)
        if (await waiting(ctx)) await askForReread(ctx.partnerId)
      },
  }
}
