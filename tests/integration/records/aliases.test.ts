import { ObjectId } from 'mongodb'
import { expect, it } from 'vitest'
import type { Deal, DealList, HistoryList } from '#shared/contracts/leads'
import type { UndoPreview } from '#shared/contracts/operations'
import { addAliases } from '../../../server/records/repository/aliases'
import { createResultPresenter } from '../../../server/sync/runs/presenter'
import { present } from '../../support/present'
import { useRecordsApi } from './records-api'

const api = useRecordsApi()

it('an id whose record went into another one filters, explains results, undoes and removes', async () => {
  const { services, partner } = api.bench
  const { collections } = services.database
  const lead = await api.lead({ lastName: 'Stays', company: 'Before' })
  const first = new ObjectId()
  const second = new ObjectId()
  const alias = { partnerId: partner.partnerId, kind: 'lead', now: new Date() } as const
  await addAliases(collections, alias, [first], second)
  await addAliases(collections, alias, [second], new ObjectId(lead.id))
  const deal = await api.call<Deal>('POST', '/api/v1/deals', { name: 'Of it', leadIds: [lead.id] })

  const gone = first.toHexString()
  const found = await api.call<DealList>('GET', `/api/v1/deals?leadId=${gone}`)
  expect(found.body.items.map(({ id }) => id)).toEqual([deal.body.id])

  const now = new Date()
  const run = await api.bench.run('incremental')
  const results = [
    {
      _id: new ObjectId(),
      run_id: run._id,
      partner_id: partner.partnerId,
      portal_id: partner.portalId,
      key: 'out:lead',
      object: 'lead' as const,
      direction: 'out' as const,
      outcome: 'updated' as const,
      record_id: first,
      hubspot_id: null,
      fields: [],
      reason: null,
      error: null,
      at: now,
      expires_at: now,
    },
  ]
  const shown = await createResultPresenter({ collections })(partner.partnerId, results)
  expect(shown[0]).toMatchObject({ recordId: lead.id, name: 'Stays' })

  await api.call('PATCH', `/api/v1/leads/${lead.id}`, { company: 'After' })
  const history = await api.call<HistoryList>('GET', `/api/v1/leads/${gone}/history`)
  const edited = present(history.body.items.find(({ kind }) => kind === 'edited'))
  const undo = `/api/v1/leads/${gone}/history/${edited.id}/undo`
  const preview = await api.call<UndoPreview>('POST', undo, { dryRun: true })
  expect(preview.body.changes).toMatchObject([{ id: lead.id, field: 'company', after: 'Before' }])

  expect((await api.call('DELETE', `/api/v1/leads/${gone}`)).status).toBe(204)
  expect((await api.call('GET', `/api/v1/leads/${lead.id}`)).status).toBe(404)
  expect((await api.call('DELETE', `/api/v1/leads/${gone}`)).status).toBe(404)
})
