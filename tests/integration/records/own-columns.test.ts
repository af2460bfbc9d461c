import { expect, it } from 'vitest'
import type { Deal } from '#shared/contracts/leads'
import { useRecordsApi } from './records-api'

const { call } = useRecordsApi()

it('deals are found and sorted by what an edit made of their own fields', async () => {
  const { body: size } = await call<{ key: string }>('POST', '/api/v1/fields', {
    object: 'deal',
    label: 'Size',
    type: 'number',
  })
  const deal = async (value: string) =>
    (
      await call<Deal>('POST', '/api/v1/deals', {
        name: `Size ${value}`,
        fields: { [size.key]: value },
      })
    ).body
  const [one] = [await deal('1'), await deal('2')]
  await call('PATCH', `/api/v1/deals/${one?.id}`, { fields: { [size.key]: '3' } })
  const names = async (query: string) =>
    (await call<{ items: Deal[] }>('GET', `/api/v1/deals?${query}`)).body.items.map(
      ({ name }) => name,
    )
  expect(await names(`sort=${size.key}`)).toEqual(['Size 2', 'Size 1'])
  expect(await names(`filter[${size.key}]=3`)).toEqual(['Size 1'])
  expect(await names(`filter[${size.key}]=1`)).toEqual([])
})
