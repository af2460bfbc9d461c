import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SavedView, SavedViewList } from '#shared/contracts/views'
import viewDelete from '../../../server/api/v1/views/[id].delete'
import viewsList from '../../../server/api/v1/views/index.get'
import viewsCreate from '../../../server/api/v1/views/index.post'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { aUser } from '../../support/users'

const password = 'a long enough password'
const path = '/api/v1/views'
let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let mine: CallAs
let colleague: CallAs
let stranger: CallAs

beforeAll(async () => {
  bench = await startSyncBench({ writeBack: false })
  http = await mountRoutes(bench.services, [
    { method: 'GET', path, handler: viewsList },
    { method: 'POST', path, handler: viewsCreate },
    { method: 'DELETE', path: `${path}/:id`, handler: viewDelete },
  ])
  const user = async (partnerName: string, email: string) => {
    await aUser(bench.services.database.collections, {
      partnerName,
      email,
      password,
      role: 'member',
    })
    return await http.as(email, password)
  }
  mine = await user('Viewers', 'mine@example.test')
  colleague = await user('Viewers', 'colleague@example.test')
  stranger = await user('Strangers', 'stranger@example.test')
}, 60_000)
afterAll(async () => {
  await http.close()
  await bench.stop()
})

const names = async (as: CallAs, query = '') =>
  (await as<SavedViewList>('GET', `${path}${query}`)).body.items.map(({ name }) => name).sort()
const code = (body: unknown) => (body as { data?: { code?: string } }).data?.code

describe('saved views', () => {
  it('are kept for who made them, shown to colleagues when shared, and deleted by their maker', async () => {
    const query = { q: 'mill', syncState: 'failed', 'filter[size]': '7', sort: '-createdAt' }
    const own = await mine<SavedView>('POST', path, { name: ' Mills ', object: 'lead', query })
    expect(own.status).toBe(201)
    expect(own.body).toMatchObject({
      name: 'Mills',
      object: 'lead',
      query,
      columns: null,
      shared: false,
      createdBy: { email: 'mine@example.test' },
    })
    const shared = await mine<SavedView>('POST', path, {
      name: 'Won',
      object: 'deal',
      query: { stage: 'won' },
      columns: ['name', 'amount'],
      shared: true,
    })
    expect(await names(mine)).toEqual(['Mills', 'Won'])
    expect(await names(mine, '?object=lead')).toEqual(['Mills'])
    expect(await names(colleague)).toEqual(['Won'])
    expect(await names(colleague, '?object=lead')).toEqual([])
    expect(await names(stranger)).toEqual([])
    for (const as of [colleague, stranger])
      expect((await as('DELETE', `${path}/${shared.body.id}`)).status).toBe(404)
    expect((await mine('DELETE', `${path}/${shared.body.id}`)).status).toBe(204)
    expect((await mine('DELETE', `${path}/${shared.body.id}`)).status).toBe(404)
    expect(await names(colleague)).toEqual([])
    expect(await names(mine)).toEqual(['Mills'])
  })

  it('have one name for each user and list', async () => {
    const view = { name: 'Twice', object: 'lead', query: {} }
    expect((await colleague('POST', path, view)).status).toBe(201)
    const again = await colleague('POST', path, view)
    expect([again.status, code(again.body)]).toEqual([409, 'name_taken'])
    expect((await colleague('POST', path, { ...view, object: 'deal' })).status).toBe(201)
    expect((await mine('POST', path, view)).status).toBe(201)
  })

  it.each([
    { name: '', object: 'lead', query: {} },
    { name: 'x'.repeat(81), object: 'lead', query: {} },
    { name: 'x', object: 'company', query: {} },
    { name: 'x', object: 'lead' },
    { name: 'x', object: 'lead', query: { stage: 'won' } },
    { name: 'x', object: 'deal', query: { stage: 'no such stage' } },
    { name: 'x', object: 'lead', query: { sort: '-' } },
    { name: 'x', object: 'lead', query: { $where: '1' } },
    { name: 'x', object: 'lead', query: {}, columns: ['a b'] },
    { name: 'x', object: 'lead', query: {}, userId: 'y' },
  ])('are refused: %j', async body => {
    const answer = await mine('POST', path, body)
    expect([answer.status, code(answer.body)]).toEqual([422, 'validation_failed'])
  })

  it('are fifty at most for each user', async () => {
    const add = (index: number) =>
      stranger('POST', path, { name: `View ${index}`, object: 'lead', query: {} })
    for (let index = 0; index < 50; index++) expect((await add(index)).status).toBe(201)
    const answer = await add(50)
    expect([answer.status, code(answer.body)]).toEqual([422, 'validation_failed'])
  })
})
