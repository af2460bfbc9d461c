import { afterEach, describe, expect, test } from 'vitest'
import { nextTick } from 'vue'
import ActivityRunPanel from '../../components/activity/ActivityRunPanel.vue'
import AppCancel from '../../components/app/AppCancel.vue'
import AppDialog from '../../components/app/AppDialog.vue'
import AppPanel from '../../components/app/AppPanel.vue'
import HubspotDisconnectDialog from '../../components/hubspot/HubspotDisconnectDialog.vue'
import HubspotPauseDialog from '../../components/hubspot/HubspotPauseDialog.vue'
import HubspotPreviewDialog from '../../components/hubspot/HubspotPreviewDialog.vue'
import LeadsCreateDialog from '../../components/leads/LeadsCreateDialog.vue'
import LeadsPanel from '../../components/leads/LeadsPanel.vue'
import { texts } from '#shared/texts/en'
import { aDeal, aLead, aRun } from './builders'
import { render } from './mount'

const { activity, connection, leads, common } = texts
type Rendered = ReturnType<typeof render>
let rendered: Rendered | undefined
afterEach(() => {
  rendered?.unmount()
  document.body.innerHTML = ''
})

/** Dialogs are drawn at the end of the document, not inside their component. */
async function opened(
  ...[component, props, slots]: Parameters<typeof render>
): Promise<{ dialog: HTMLElement; wrapper: Rendered }> {
  const wrapper = render(component, { open: true, ...props }, slots)
  rendered = wrapper
  await nextTick()
  const dialog = document.querySelector<HTMLElement>('[role=dialog]')
  if (!dialog) throw new Error('No dialog is open')
  return { dialog, wrapper }
}
const button = (dialog: HTMLElement, label: string) => {
  const found = [...dialog.querySelectorAll('button')].find(one => one.textContent.trim() === label)
  if (!found) throw new Error(`No button "${label}"`)
  return found
}

describe('a dialog and a panel', () => {
  test.each([AppDialog, AppPanel])('have a name, a description and their content', async each => {
    const { dialog } = await opened(
      each,
      { title: 'A title', description: 'What it is for' },
      { default: () => 'The content', footer: () => 'The buttons' },
    )
    const nameOf = (attribute: string) =>
      document.getElementById(dialog.getAttribute(attribute) ?? '')?.textContent.trim()
    expect(nameOf('aria-labelledby')).toBe('A title')
    expect(nameOf('aria-describedby')).toBe('What it is for')
    for (const part of ['The content', 'The buttons']) expect(dialog.textContent).toContain(part)
  })
})

describe('before a disconnect', () => {
  test('it says what ends and what stays, offers a copy, and asks', async () => {
    const { dialog, wrapper } = await opened(HubspotDisconnectDialog, { busy: false })
    for (const sentence of [...connection.disconnect.ends, ...connection.disconnect.stays])
      expect(dialog.textContent).toContain(sentence)
    expect([...dialog.querySelectorAll('a')].map(link => link.getAttribute('href'))).toEqual([
      '/api/v1/leads/export',
      '/api/v1/deals/export',
    ])
    button(dialog, connection.disconnect.confirm).click()
    expect(wrapper.emitted('confirm')).toHaveLength(1)
  })
})

test('before a pause it asks why, for colleagues', async () => {
  const { dialog, wrapper } = await opened(HubspotPauseDialog, {})
  const field = dialog.querySelector('textarea')
  if (!field) throw new Error('No field for the reason')
  field.value = 'We clean up our pipelines'
  field.dispatchEvent(new Event('input', { bubbles: true }))
  button(dialog, connection.sync.pause).click()
  expect(wrapper.emitted('confirm')).toEqual([['We clean up our pipelines']])
})

describe('a preview of what would be written', () => {
  const props = { preview: null, problem: null, busy: false, offersWriteBack: true }

  test('says that it is being made, and cannot be accepted before', async () => {
    const { dialog, wrapper } = await opened(HubspotPreviewDialog, props)
    expect(dialog.textContent).toContain(connection.preview.loading)
    expect(button(dialog, connection.writeBack.accept).disabled).toBe(true)
    button(dialog, common.cancel).click()
    expect(wrapper.emitted('update:open')).toEqual([[false]])
  })
})

describe('a new record', () => {
  const props = { forLead: null, currency: 'EUR', problem: null, busy: false }

  test.each([
    ['lead', leads.newLead, leads.createLead],
    ['deal', leads.newDeal, leads.createDeal],
  ])('of kind %s has its own title, form and button', async (kind, title, create) => {
    const { dialog } = await opened(LeadsCreateDialog, { ...props, kind })
    expect(dialog.textContent).toContain(title)
    expect(button(dialog, create).type).toBe('submit')
  })

  test('a deal of a lead says whose it is', async () => {
    const { dialog } = await opened(LeadsCreateDialog, { ...props, kind: 'deal', forLead: aLead() })
    expect(dialog.textContent).toContain(leads.forLead('Ada Lovelace'))
  })
})

describe('the panel of a record', () => {
  const props = {
    deals: [],
    explain: null,
    explainProblem: null,
    url: 'https://app.hubspot.com/record',
    problem: null,
    busy: false,
    owner: 'Grace Hopper',
  }

  test('shows a lead with its state, its owner and the way to HubSpot', async () => {
    const { dialog } = await opened(LeadsPanel, {
      ...props,
      record: { object: 'lead', lead: aLead() },
    })
    for (const part of ['Ada Lovelace', leads.state.in_sync, 'Grace Hopper'])
      expect(dialog.textContent).toContain(part)
    expect(dialog.querySelector(`a[href="${props.url}"]`)).not.toBeNull()
  })

  test('shows a deal by its name', async () => {
    const { dialog } = await opened(LeadsPanel, {
      ...props,
      record: { object: 'deal', deal: aDeal() },
    })
    expect(dialog.textContent).toContain('Big')
  })
})

describe('the panel of a run', () => {
  test('counts what it did, says why it failed, and leads to the failed records', async () => {
    const run = aRun({
      status: 'failed',
      finishedAt: '2026-11-24T10:01:00.000Z',
      counts: { seen: 9, created: 1, updated: 2, unchanged: 3, failed: 4, writtenBack: 5 },
      error: { code: 'hubspot_unavailable', message: 'HubSpot is away', correlationId: 'ref-1' },
    })
    const { dialog } = await opened(ActivityRunPanel, { run })
    expect(
      [...dialog.querySelectorAll('dl:first-of-type dd')].map(one => one.textContent.trim()),
    ).toEqual(['9', '1', '2', '3', '4', '5'])
    for (const part of ['HubSpot is away', common.reference('ref-1'), activity.run.failedRecords])
      expect(dialog.textContent).toContain(part)
  })

  test('what a run changed can be undone by an admin, once it is over', async () => {
    const run = aRun({ status: 'succeeded', finishedAt: '2026-11-24T10:05:00.000Z' })
    const undo = (dialog: HTMLElement) =>
      [...dialog.querySelectorAll('button')].find(
        one => one.textContent.trim() === texts.lists.undo.run,
      )
    const { dialog, wrapper } = await opened(ActivityRunPanel, { run, canUndo: true })
    undo(dialog)?.click()
    expect(wrapper.emitted('undo')).toEqual([[run]])
    wrapper.unmount()
    expect(undo((await opened(ActivityRunPanel, { run })).dialog)).toBeUndefined()
  })

  test('a record can be deleted from its panel', async () => {
    const { dialog, wrapper } = await opened(LeadsPanel, {
      record: { object: 'lead', lead: aLead() },
      deals: [],
      explain: null,
      explainProblem: null,
      url: null,
      problem: null,
      busy: false,
    })
    const [button] = [...dialog.querySelectorAll('button')].filter(
      one => one.textContent.trim() === texts.lists.remove.button,
    )
    button?.click()
    expect(wrapper.emitted('remove')).toHaveLength(1)
  })
})

test('Cancel closes the dialog that it stands in, and sends no form', async () => {
  const cancel = render(AppCancel, { open: true })
  expect(cancel.get('button').attributes('type')).toBe('button')
  expect(cancel.text()).toBe(texts.common.cancel)
  await cancel.get('button').trigger('click')
  expect(cancel.emitted('update:open')).toEqual([[false]])
})
