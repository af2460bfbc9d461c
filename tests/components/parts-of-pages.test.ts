import { afterEach, describe, expect, test, vi } from 'vitest'
import ActivityCorrectness from '../../components/activity/ActivityCorrectness.vue'
import ActivityResult from '../../components/activity/ActivityResult.vue'
import ActivityRunStatus from '../../components/activity/ActivityRunStatus.vue'
import HubspotCounts from '../../components/hubspot/HubspotCounts.vue'
import HubspotSkeleton from '../../components/hubspot/HubspotSkeleton.vue'
import LeadsExportLink from '../../components/leads/LeadsExportLink.vue'
import LeadsExternalLink from '../../components/leads/LeadsExternalLink.vue'
import LeadsSkeleton from '../../components/leads/LeadsSkeleton.vue'
import LeadsSyncState from '../../components/leads/LeadsSyncState.vue'
import MappingDrift from '../../components/mapping/MappingDrift.vue'
import MappingPropertySelect from '../../components/mapping/MappingPropertySelect.vue'
import MappingSaveBar from '../../components/mapping/MappingSaveBar.vue'
import { syncStates } from '#shared/leads/fields'
import { texts } from '#shared/texts/en'
import { aLead, aResult, aRun } from './builders'
import { render, violations } from './mount'

afterEach(() => {
  vi.useRealTimers()
  document.body.innerHTML = ''
})

const { activity, connection, leads, mapping, common } = texts

describe('the activity page', () => {
  test('shows the share of identical records, or that nothing was compared yet', async () => {
    const props = { comparing: false, canRun: true, busy: false }
    const run = aRun({ identical: { compared: 200, identical: 199, repaired: 1 } })
    const compared = render(ActivityCorrectness, { ...props, run })
    expect(compared.text()).toContain('99.5')
    expect(compared.text()).toContain(activity.correctness.repaired('1'))
    const never = render(ActivityCorrectness, { ...props, run: null })
    expect(never.text()).toContain(activity.correctness.none)
    await never.get('button').trigger('click')
    expect(never.emitted('compare')).toHaveLength(1)
  })

  test('says of a run with failed records that only a part is done', () => {
    const counts = { ...aRun().counts, failed: 1 }
    const statusOf = (run: object) => render(ActivityRunStatus, { run }).text()
    expect(statusOf({ status: 'succeeded', counts })).toBe(connection.doneInPart)
    expect(statusOf(aRun({ status: 'succeeded' }))).toBe(connection.runStatus.succeeded)
  })

  test('offers another try only of a result where it can help', async () => {
    const words = activity.results
    const error = {
      code: 'hubspot_refused',
      message: 'Not an e-mail address',
      correlationId: null,
    }
    const resultOf = (retry: 'possible' | 'waiting' | 'done' | null) =>
      render(ActivityResult, {
        result: aResult({ outcome: 'failed', retry, error }),
        account: {},
        canRetry: true,
        busy: false,
        disabled: false,
      })
    const possible = resultOf('possible')
    expect(possible.text()).toContain(error.message)
    await possible.get('button').trigger('click')
    expect(possible.emitted('retry')).toHaveLength(1)
    expect(resultOf('waiting').text()).toContain(words.waiting)
    expect(resultOf('done').text()).toContain(words.settled)
    expect(resultOf(null).text()).toContain(words.noRetry)
    expect(resultOf(null).find('button').exists()).toBe(false)
  })
})

describe('the connection page', () => {
  test('leads from its four numbers to their records', async () => {
    const to = (path: string) => ({ count: 1, to: path })
    const counts = render(HubspotCounts, {
      counts: {
        leads: { count: 1200, to: '/leads' },
        deals: { count: null, to: '/leads?view=deals' },
        pending: to('/leads?syncState=pending'),
        failed: to('/leads?syncState=failed'),
      },
    })
    expect(counts.findAll('a').map(link => link.attributes('href'))).toEqual([
      '/leads',
      '/leads?view=deals',
      '/leads?syncState=pending',
      '/leads?syncState=failed',
    ])
    expect(counts.text()).toContain('1,200')
    expect(counts.text()).toContain(connection.sync.counts.many)
    expect(render(HubspotCounts, { counts: null }).attributes('aria-busy')).toBe('true')
    expect(await violations()).toEqual([])
  })
})

describe('while a page loads', () => {
  test.each([HubspotSkeleton, LeadsSkeleton])('it says so', each => {
    const skeleton = render(each)
    expect(skeleton.attributes('role')).toBe('status')
    expect(skeleton.text()).toContain(common.loading)
  })
})

describe('the list of leads', () => {
  test('gives all records as a file', () => {
    const link = render(LeadsExportLink, { kind: 'deals' })
    expect(link.attributes('href')).toBe('/api/v1/deals/export')
    expect(link.attributes('download')).toBeDefined()
  })

  test('gives exactly those that are listed', () => {
    const query = { q: 'ada & co', 'filter[budget]': '5', sort: '-email' }
    const { href } = render(LeadsExportLink, { kind: 'leads', query }).attributes()
    const asked = new URL(String(href), 'http://localhost')
    expect(asked.pathname).toBe('/api/v1/leads/export')
    expect(Object.fromEntries(asked.searchParams)).toEqual(query)
  })

  test('links to the record in HubSpot, with a dash where there is none', async () => {
    const link = render(LeadsExternalLink, { url: 'https://app.hubspot.com/x', name: 'Ada' })
    expect(link.attributes()).toMatchObject({
      href: 'https://app.hubspot.com/x',
      rel: 'noopener noreferrer',
    })
    expect(link.text()).toContain(leads.openNamed('Ada'))
    expect(render(LeadsExternalLink, { url: null, name: 'Ada' }).text()).toBe(common.none)
    expect(await violations()).toEqual([])
  })

  test.each(syncStates)('has a word and a reason for the state %s', state => {
    const { sync } = aLead()
    const shown = render(LeadsSyncState, { sync: { ...sync, state } })
    expect(shown.text()).toContain(leads.state[state])
    expect(shown.attributes('title')).toBe(leads.stateText[state])
  })
})

describe('the mapping page', () => {
  test('names what changed in HubSpot', async () => {
    const since = '2026-11-24T10:00:00.000Z'
    const drift = render(MappingDrift, {
      drift: [
        { pipelineId: 'p', stageId: 's', label: 'Offer', kind: 'renamed', since },
        { pipelineId: 'p', stageId: 'gone', label: 'Signed', kind: 'deleted', since },
      ],
      canConfirm: true,
      pipelines: [{ id: 'p', label: 'Sales', stages: [{ id: 's', label: 'Offer' }] }],
    })
    expect(drift.text()).toContain('Offer')
    // A stage that is gone is named as it was.
    expect(drift.text()).toContain('Signed')
    expect(drift.text()).toContain('Sales')
    await drift.get('button').trigger('click')
    expect(drift.emitted('confirm')).toHaveLength(1)
  })

  test('offers the properties with a search, once one is to be chosen', async () => {
    const property = (name: string, label: string, writable = true) => ({
      name,
      label,
      writable,
      type: 'string',
      fieldType: 'text',
    })
    const select = render(MappingPropertySelect, {
      modelValue: 'company',
      label: 'Company',
      properties: [property('company', 'Company'), property('created', 'Created', false)],
    })
    expect(select.text()).toBe('Company (company)')
    expect(document.querySelector('[role=dialog]')).toBeNull()
    await select.get('button').trigger('click')
    const offered = () => [...document.querySelectorAll<HTMLElement>('[role=dialog] li button')]
    await vi.waitFor(() => expect(offered()).toHaveLength(2))
    expect(offered()[1]?.textContent).toContain(mapping.fields.readOnly)
    offered()[1]?.click()
    expect(select.emitted('update:modelValue')).toEqual([['created']])
  })

  test('saves and undoes only what there is', async () => {
    const bar = (change: object) =>
      render(MappingSaveBar, {
        changes: 0,
        canUndo: false,
        canRedo: false,
        saving: false,
        ...change,
      })
    const clean = bar({})
    expect(clean.text()).toContain(mapping.noChanges)
    expect(clean.findAll('button').every(one => one.attributes('disabled') !== undefined)).toBe(
      true,
    )
    const changed = bar({ changes: 2, canUndo: true })
    await changed.get(`button[aria-label="${common.undo}"]`).trigger('click')
    await changed.findAll('button').at(-1)?.trigger('click')
    expect([changed.emitted('undo'), changed.emitted('save')]).toEqual([[[]], [[]]])
  })
})
