import { ObjectId } from 'mongodb'
import type {
  SavedView,
  SavedViewBody,
  SavedViewList,
  SavedViewsQuery,
} from '#shared/contracts/views'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { SavedViewDocument } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import { DomainError, NotFound, ValidationFailed } from '../errors'
import { createViewsRepository, mostViews } from './saved-views-repository'

/** Whose views */
export interface ViewsOf {
  partner: { id: ObjectId }
  user: { id: ObjectId; email: string }
}

/** Queries of the lists under names: each user's own, and those that others of the partner share. */
export function createViews({
  collections,
  clock,
}: {
  collections: Pick<Collections, 'savedViews'>
  clock: Clock
}) {
  const repository = createViewsRepository(collections)

  return {
    async list({ partner, user }: ViewsOf, { object }: SavedViewsQuery): Promise<SavedViewList> {
      const [own, shared] = await Promise.all([
        repository.own(partner.id, user.id),
        repository.shared(partner.id, object),
      ])
      const items = [...own, ...shared.filter(view => !view.user_id.equals(user.id))]
        .filter(view => object === undefined || view.object === object)
        .map(present)
      return { items, nextCursor: null, total: items.length }
    },

    /**
     * @throws {ValidationFailed} there are too many
     * @throws {DomainError} `name_taken`
     */
    async create({ partner, user }: ViewsOf, body: SavedViewBody): Promise<SavedView> {
      const { length } = await repository.own(partner.id, user.id)
      if (length >= mostViews)
        throw new ValidationFailed([
          {
            path: 'name',
            message: `would be one of more than ${mostViews} views: delete one first`,
          },
        ])
      const { object, name, query, columns, shared } = body
      const view: SavedViewDocument = {
        _id: new ObjectId(),
        partner_id: partner.id,
        user_id: user.id,
        email: user.email,
        object,
        name,
        query: Object.fromEntries(
          Object.entries(query).flatMap(([key, value]) =>
            value === undefined ? [] : [[key, value]],
          ),
        ),
        columns,
        shared,
        created_at: clock(),
      }
      try {
        await repository.insert(view)
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        throw new DomainError('name_taken', 'You have a view of this name for this list already.')
      }
      return present(view)
    },

    /** @throws {NotFound} also for a view of somebody else's */
    async remove({ partner, user }: ViewsOf, id: string): Promise<void> {
      if (!(await repository.remove(partner.id, user.id, new ObjectId(id))))
        throw new NotFound('This view')
    },
  }
}

function present(view: SavedViewDocument): SavedView {
  return {
    id: view._id.toHexString(),
    name: view.name,
    object: view.object,
    query: view.query,
    columns: view.columns,
    shared: view.shared,
    createdBy: { id: view.user_id.toHexString(), email: view.email },
  }
}
