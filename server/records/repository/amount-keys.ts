import type { Collections } from '../../database/collections'

const done = 'deals_have_amount_keys'

/**
 * Gives deals of earlier versions the number that their list is sorted by. Once for the
 * installation; repeated after a kill it goes on where it stopped.
 */
export async function fillAmountKeys({
  deals,
  meta,
}: Pick<Collections, 'deals' | 'meta'>): Promise<void> {
  if (await meta.findOne({ _id: done })) return
  await deals.updateMany({ amount_key: { $exists: false } }, [
    {
      $set: {
        amount_key: {
          $convert: { input: '$values.amount', to: 'decimal', onError: null, onNull: null },
        },
      },
    },
  ])
  await meta.updateOne({ _id: done }, { $set: { at: new Date() } }, { upsert: true })
}
