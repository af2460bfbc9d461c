import { afterEach, describe, expect, test } from 'vitest'
import ScopeChoice from '../../components/scope/ScopeChoice.vue'
import ScopeRehearsed from '../../components/scope/ScopeRehearsed.vue'
import ScopeCount from '../../components/scope/ScopeCount.vue'
import { CountBasis } from '#shared/contracts/scope'
import { texts } from '#shared/texts/en'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

const options = [
  { value: '1', label: 'Partners' },
  { value: '2', label: 'Events' },
]

describe('a choice of the scope', () => {
  test('with nothing chosen means all, and says so', async () => {
    const choice = render(ScopeChoice, { label: 'Lists', options, chosen: [] })
    expect(choice.text()).toContain(texts.scope.all)
    await choice.findAll('input')[1]?.trigger('change')
    expect(choice.emitted('change')).toEqual([[['2']]])
    expect(await violations()).toEqual([])
  })

  test('takes one out again, also one that HubSpot has no more', async () => {
    const choice = render(ScopeChoice, { label: 'Lists', options, chosen: ['1', 'gone'] })
    expect(choice.text()).toContain(texts.scope.chosen(2))
    expect(choice.text()).toContain('gone')
    await choice.findAll('input')[2]?.trigger('change')
    expect(choice.emitted('change')).toEqual([[['1']]])
  })
})

describe('a rehearsal of the scope', () => {
  const record = { id: '0'.repeat(24), label: 'Ada Lovelace' }
  const sentence = {
    object: 'deal' as const,
    effect: 'leaves' as const,
    rule: 'pipeline' as const,
    count: 12,
    waiting: 0,
    recent: 2,
    byHand: 'Changed here by hand: 2 by anna@partner.test, last on Monday 1 June.',
    message: '12 deals would leave the scope: in another pipeline.',
    records: [record],
  }
  const of = (sentences: (typeof sentence)[], complete = true) => ({
    rehearsal: { examined: { leads: 5, deals: 20 }, complete, sentences },
    format: String,
  })

  test('says who would leave, names some, and says how many more there are', async () => {
    const shown = render(ScopeRehearsed, of([sentence], false))
    expect(shown.text()).toContain(sentence.message)
    expect(shown.text()).toContain(sentence.byHand)
    expect(shown.text()).toContain(texts.scope.rehearsal.more('11'))
    expect(shown.text()).toContain(texts.scope.rehearsal.partial)
    expect(shown.html()).toContain(`view=deals&amp;open=${record.id}`)
    expect(await violations()).toEqual([])
  })

  test('says that nothing would change', () => {
    expect(render(ScopeRehearsed, of([])).text()).toContain(texts.scope.rehearsal.nothing)
  })
})

describe('the count', () => {
  const counted = { inside: 10, outside: 50 }
  const format = String

  test.each(CountBasis.options)('by %s says where it comes from', basis => {
    const shown = render(ScopeCount, { counted, basis, counting: false, format }).text()
    expect(shown).toContain(texts.scope.basis[basis])
    expect(shown.includes('At most')).toBe(basis === 'at_most')
    expect(shown).toContain('60')
  })

  test('says that it is under way, and nothing before it was asked for', () => {
    const empty = { counted: null, basis: null, format }
    expect(render(ScopeCount, { ...empty, counting: true }).text()).toBe(texts.scope.counting)
    expect(render(ScopeCount, { ...empty, counting: false }).text()).toBe('')
  })
})
