import { describe, expect, it } from 'vitest'
import type { Scope } from '#shared/contracts/scope'
import type { Crm, HubspotList } from '../../../server/hubspot/crm-types'
import { countScope } from '../../../server/mapping/scope-counts'

const scopeOfLists = (listIds: string[], ownerIds: string[] = []): Scope => ({
  contacts: { lifecycleStages: [], ownerIds, listIds, createdAfter: null },
  deals: { pipelineIds: [], ownerIds: [], createdAfter: null },
})
const list = (id: string, size: number | null): HubspotList => ({ id, name: `List ${id}`, size })

/** An account of 5,000 contacts, 700 of them of the owner, all of them on each list. */
function account(members = 5000): Pick<Crm, 'search' | 'listMembers'> {
  const ids = Array.from({ length: members }, (_, at) => String(at + 1))
  return {
    search: async (_type, { filters = [] }) => ({
      results: [],
      total: filters.length === 0 ? 5000 : 700,
      after: null,
    }),
    listMembers: async (_list, { after } = {}) => {
      const start = Number(after ?? 0)
      const next = start + 250
      return { ids: ids.slice(start, next), after: next < members ? String(next) : null }
    },
  }
}
const contactsOf = async (scope: Scope, lists: HubspotList[], members?: number) => {
  const { counts, basis } = await countScope(account(members), scope, lists)
  return [counts.contacts.inside, basis.contacts]
}

describe('the count of contacts on lists', () => {
  it("is HubSpot's size of one list, and of several at most their sizes together", async () => {
    expect(await contactsOf(scopeOfLists(['1']), [list('1', 1200)])).toEqual([1200, 'list_size'])
    const two = [list('1', 1200), list('2', 300)]
    expect(await contactsOf(scopeOfLists(['1', '2']), two)).toEqual([1500, 'at_most'])
    expect(await contactsOf(scopeOfLists(['1', '2'], ['7']), two)).toEqual([700, 'at_most'])
  })

  it('takes a size that HubSpot does not say for any size', async () => {
    const lists = [list('1', null), list('2', 300)]
    expect(await contactsOf(scopeOfLists(['1', '2']), lists)).toEqual([5000, 'at_most'])
    expect(await contactsOf(scopeOfLists(['1', '2'], ['7']), lists)).toEqual([700, 'at_most'])
    expect(await contactsOf(scopeOfLists(['1']), [list('1', null)], 40)).toEqual([40, 'members'])
  })
})
