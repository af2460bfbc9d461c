import { afterEach, beforeEach, expect, test } from 'vitest'
import ActivityExplainFields from '../../components/activity/ActivityExplainFields.vue'
import HubspotPreview from '../../components/hubspot/HubspotPreview.vue'
import LeadsForm from '../../components/leads/LeadsForm.vue'
import LeadsTimeline from '../../components/leads/LeadsTimeline.vue'
import RecordsTable from '../../components/records/RecordsTable.vue'
import { useLocaleSettings } from '../../composables/useLocaleSettings'
import type { Labels } from '#shared/contracts/mapping'
import { texts } from '#shared/texts/en'
import { formatDay } from '../../utils/format'
import { aDeal, aLead, aTable } from './builders'
import { render, violations } from './mount'

/**
 * What is stored as names and ids is shown in words: HubSpot's, ours, and as it is where there are
 * none.
 */
const labels: Labels = {
  fields: [
    {
      object: 'lead',
      field: 'lifecycleStage',
      property: 'lifecyclestage',
      label: 'Lifecycle Stage',
      editable: true,
      paused: null,
      options: [
        { value: 'salesqualifiedlead', label: 'Ready for sales', hidden: false },
        { value: '102', label: 'Partner', hidden: false },
        { value: 'old', label: 'Former', hidden: true },
      ],
    },
    {
      object: 'lead',
      field: 'phone',
      property: 'mobilephone',
      label: 'Mobile Phone Number',
      editable: true,
      paused: null,
      options: [],
    },
  ],
  stages: [
    { pipelineId: 'default', pipeline: 'Sales', stageId: 'contractsent', label: 'Contract Sent' },
    { pipelineId: '7', pipeline: 'Partners', stageId: '99', label: 'Signed' },
  ],
}
const state = () => useState<Labels | null>('hubspot-labels')
beforeEach(() => (state().value = labels))
afterEach(() => {
  document.body.innerHTML = ''
  state().value = null
})

const row = (field: string, property: string | null, remote: string | null) => ({
  field,
  property,
  base: null,
  local: null,
  remote,
  decision: 'took_hubspot',
  rule: 'inbound_only',
})
const lifecycle = (lead: Parameters<typeof aLead>[0]) =>
  render(LeadsForm, { lead: aLead(lead) }, { default: () => '' }).find('select')
const optionsOf = (select: ReturnType<typeof lifecycle>) =>
  select.findAll('option').map(option => option.text())

test('an explanation names property, option and stage, the raw ones beside them', async () => {
  const explain = render(ActivityExplainFields, {
    fields: [
      row('lifecycleStage', 'lifecyclestage', 'salesqualifiedlead'),
      row('phone', 'mobilephone', '1'),
      row('stage', 'dealstage', '99'),
      row('closeDate', 'closedate', '2026-01-31T00:00:00Z'),
    ],
    pipelineId: '7',
  })
  for (const part of [
    'Lifecycle Stage',
    'lifecyclestage',
    'Ready for sales',
    'Mobile Phone Number',
    'mobilephone',
    'Signed (Partners)',
    formatDay('2026-01-31', 'en-US'),
    texts.activity.rules.inbound_only,
  ])
    expect(explain.text()).toContain(part)
  expect(explain.get('[title=salesqualifiedlead]').text()).toBe('Ready for sales')
  expect(explain.find('[title="1"]').exists()).toBe(false)
  expect(await violations()).toEqual([])
  state().value = null
  expect(
    render(ActivityExplainFields, {
      fields: [
        row('lifecycleStage', 'lifecyclestage', 'salesqualifiedlead'),
        row('stage', 'dealstage', '99'),
      ],
    }).text(),
  ).toMatch(/Sales qualified lead.*99/s)
})

test('a timeline and a preview say the same words', () => {
  const fields = [
    { field: 'lifecycleStage', from: 'old', to: '102', rule: null },
    { field: 'stage', from: 'proposal', to: null, rule: null },
  ]
  const timeline = render(LeadsTimeline, {
    entries: [
      {
        id: '1',
        at: '2026-11-24T10:00:00.000Z',
        side: 'hubspot',
        kind: 'received',
        by: null,
        fields,
      },
    ],
    hasOlder: false,
    loading: false,
    failed: false,
    nextTryAt: null,
  })
  for (const part of ['Former', 'Partner', 'Proposal', texts.leads.history.empty])
    expect(timeline.text()).toContain(part)
  const counts = { link: 0, create: 0, update: 1, unchanged: 0, skip: 0, conflict: 0 }
  const none = { inbound: counts, outbound: counts, samples: [], examined: 1, complete: true }
  const preview = render(HubspotPreview, {
    preview: {
      deals: none,
      contacts: {
        ...none,
        samples: [
          {
            direction: 'inbound',
            action: 'update',
            label: 'Ada',
            hubspotId: '1',
            changes: [{ field: 'lifecycleStage', from: null, to: '102' }],
            why: null,
          },
        ],
      },
    },
  })
  expect(preview.text()).toContain(texts.leads.field.lifecycleStage)
  expect(preview.text()).toContain('Partner')
  expect(preview.text()).not.toMatch(/lifecycleStage|102/)
})

test("a lifecycle stage is chosen from what the account offers, and from HubSpot's own while that is not known", async () => {
  expect(optionsOf(lifecycle({}))).toEqual([texts.leads.noValue, 'Ready for sales', 'Partner'])
  // What stands there stays to be seen, offered or not.
  expect(optionsOf(lifecycle({ lifecycleStage: 'old' }))).toEqual([
    texts.leads.noValue,
    'Former',
    'Ready for sales',
    'Partner',
  ])
  expect(optionsOf(lifecycle({ lifecycleStage: 'nobody_knows' }))).toContain('nobody_knows')
  state().value = { ...labels, fields: [] }
  expect(optionsOf(lifecycle({}))).toEqual([
    texts.leads.noValue,
    ...Object.values(texts.leads.lifecycleStages),
  ])
  const form = render(LeadsForm, { lead: aLead({ lifecycleStage: 'lead' }) }, { default: () => '' })
  await form.get('select').setValue('customer')
  await form.get('form').trigger('submit')
  expect(form.emitted('submit')).toEqual([[{ lifecycleStage: 'customer' }]])
  expect(await violations()).toEqual([])
})

test('where any text is a value, any can be written', () => {
  state().value = {
    ...labels,
    fields: [
      {
        object: 'lead',
        field: 'lifecycleStage',
        property: 'free_text',
        label: 'Free text',
        editable: true,
        paused: null,
        options: [],
      },
    ],
  }
  const form = render(
    LeadsForm,
    { lead: aLead({ lifecycleStage: 'as it is' }) },
    { default: () => '' },
  )
  expect(form.find('select').exists()).toBe(false)
  expect(form.get<HTMLInputElement>('[name=lifecycleStage]').element.value).toBe('as it is')
})

test("a deal without a stage of ours says HubSpot's", async () => {
  const table = (stage: { hubspotPipelineId: string; hubspotStageId: string }) =>
    render(RecordsTable, aTable('deal', [aDeal(stage)]))
  expect(table({ hubspotPipelineId: 'default', hubspotStageId: 'contractsent' }).text()).toContain(
    texts.leads.stageInHubspot('Contract Sent (Sales)'),
  )
  expect(await violations()).toEqual([])
  expect(table({ hubspotPipelineId: 'gone', hubspotStageId: '404' }).text()).toContain(
    texts.leads.stageInHubspot('404'),
  )
})

test("an amount that names no currency shows the account's", () => {
  const connection = useState<{ account: object } | null>('hubspot-connection')
  const { money } = useLocaleSettings()
  expect(money('1200.5', null)).toBe('1,200.50')
  connection.value = { account: { currency: 'KWD' } }
  expect(money('1200.125', null)).toBe('KWD\u00A01,200.125')
  expect(money('1200.5', 'EUR')).toBe('€1,200.50')
  connection.value = null
})

test('a field that comes from HubSpot is shown in words and not offered for a change', async () => {
  state().value = {
    ...labels,
    fields: labels.fields.map(field => ({ ...field, editable: false })),
  }
  const form = render(
    LeadsForm,
    { lead: aLead({ lifecycleStage: '102', phone: '1' }) },
    { default: () => '' },
  )
  expect(form.find('select').exists()).toBe(false)
  const lifecycle = form.get<HTMLInputElement>('[name=lifecycleStage]').element
  expect([lifecycle.value, lifecycle.readOnly]).toEqual(['Partner', true])
  expect(form.text()).toContain(texts.leads.changedInHubspot)
  expect(
    render(LeadsForm, {}, { default: () => '' })
      .find('[name=phone]')
      .exists(),
  ).toBe(false)
  const table = render(RecordsTable, aTable('lead', [aLead({ phone: '+1 555' })]))
  const edits = (label: string) => texts.leads.edit(label, 'Ada Lovelace')
  expect(table.text()).not.toContain(edits(texts.leads.field.phone))
  expect(table.text()).toContain('+1 555')
  expect(table.text()).toContain(edits(texts.leads.field.company))
  expect(await violations()).toEqual([])
  // Without a mapping, as one begins.
  state().value = null
  expect(
    render(LeadsForm, {}, { default: () => '' })
      .find('[name=lifecycleStage]')
      .exists(),
  ).toBe(false)
})
