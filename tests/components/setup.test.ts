import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, test } from 'vitest'
import HubspotFacts from '../../components/hubspot/HubspotFacts.vue'
import HubspotPreviewDialog from '../../components/hubspot/HubspotPreviewDialog.vue'
import HubspotSetup from '../../components/hubspot/HubspotSetup.vue'
import HubspotSync from '../../components/hubspot/HubspotSync.vue'
import HubspotWriteBack from '../../components/hubspot/HubspotWriteBack.vue'
import { texts } from '#shared/texts/en'
import { accountName } from '../../utils/setup-steps'
import { aConnection, aPreview, aRun } from './builders'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

const words = texts.setup
const pipelines = [{ id: 'default' }] as never[]
const open = { pipelines, mapping: [], unmapped: 0 }
const mapped = { pipelines, mapping: [{ stageId: '1' }] as never[], unmapped: 0 }
const props = { connection: aConnection(), stages: open, isPreviewed: false, prominent: true }
const setup = (change: object = {}) => render(HubspotSetup, { ...props, ...change })
type Setup = ReturnType<typeof setup>
const current = (one: Setup) => one.get('[aria-current=step]').text()
const solid = (one: { html(): string; element: Element }) =>
  [...one.element.querySelectorAll('button, a')].filter(button =>
    /(^| )bg-primary( |$)/.test(button.className),
  )

describe('the steps after Connect', () => {
  test('begin with the account by its domain and its id, and lead to the mapping', async () => {
    const steps = setup()
    expect(steps.text()).toContain(
      words.steps.connected.title(accountName('northwind.example.com', '148211903')),
    )
    expect(current(steps)).toContain(words.steps.mapping.title)
    expect(steps.get('a').attributes('href')).toBe('/settings/hubspot/mapping')
    expect(await violations()).toEqual([])
  })

  test('lead to the preview once stages are mapped, and then to the switch', async () => {
    const steps = setup({ stages: mapped })
    expect(current(steps)).toContain(words.steps.preview.title)
    const button = steps.get('[aria-current=step] button')
    expect(button.text()).toBe(texts.connection.writeBack.preview)
    await button.trigger('click')
    expect(steps.emitted('preview')).toHaveLength(1)
    await steps.setProps({ isPreviewed: true })
    expect(current(steps)).toContain(words.steps.writeBack.title)
    expect(steps.text()).toContain(words.progress('3', '4'))
    expect(await violations()).toEqual([])
  })

  test('a step is open while it is not known, or while deals are in stages without one of ours', () => {
    expect(current(setup({ stages: null }))).toContain(words.steps.mapping.title)
    const one = setup({ stages: { ...mapped, unmapped: 1 } })
    expect(current(one)).toContain(words.steps.mapping.unmapped('1', true))
    expect(current(setup({ stages: { ...open, pipelines: [] } }))).toContain(
      words.steps.preview.title,
    )
  })

  test('offer the preview of the first import before it runs, not while it does', () => {
    const before = { lastSyncedAt: null, currentRun: null }
    const first = setup({ connection: aConnection(before), stages: mapped })
    expect(first.text()).toContain(words.steps.preview.first)
    expect(first.text()).toContain(words.previewFirst)
    const importing = setup({
      connection: aConnection({ ...before, currentRun: aRun() }),
      stages: mapped,
    })
    expect(importing.text()).not.toContain(words.previewFirst)
  })

  test('have one button that stands out, and none where something else asks', () => {
    expect(solid(setup())).toHaveLength(1)
    expect(solid(setup({ stages: mapped, isPreviewed: true }))).toHaveLength(1)
    expect(solid(setup({ prominent: false }))).toEqual([])
  })

  test('can be hidden', async () => {
    const steps = setup()
    await steps.get(`[aria-label="${words.hide}"]`).trigger('click')
    expect(steps.emitted('hide')).toHaveLength(1)
  })
})

test('the sync’s button stands out only where no step is left, and write-back’s never', async () => {
  const sync = render(HubspotSync, {
    connection: aConnection(),
    run: null,
    counts: null,
    canChange: true,
    pausing: false,
    starting: false,
    interrupted: false,
    prominent: false,
  })
  expect(solid(sync)).toEqual([])
  await sync.setProps({ prominent: true })
  expect(solid(sync)).toHaveLength(1)
  const writeBack = { isOn: false, canChange: true, busy: false, asksOff: false }
  expect(solid(render(HubspotWriteBack, writeBack))).toEqual([])
})

test('the facts name the account by its domain, and by its id alone where that is not known', () => {
  const facts = (domain: string | null) => {
    const connection = aConnection()
    const account = connection.account && { ...connection.account, domain }
    return render(HubspotFacts, { connection: { ...connection, account } }).text()
  }
  expect(facts('northwind.example.com')).toContain('northwind.example.com')
  expect(facts('northwind.example.com')).toContain(texts.connection.facts.id('148211903'))
  expect(facts(null)).not.toContain(texts.connection.facts.id('148211903'))
  expect(facts(null)).toContain('148211903')
})

describe('the preview', () => {
  const dialog = {
    open: true,
    preview: aPreview(),
    problem: null,
    busy: false,
    offersWriteBack: true,
    isFirst: false,
  }
  const shown = async (change: object = {}) => {
    render(HubspotPreviewDialog, { ...dialog, ...change })
    await flushPromises()
    return document.querySelector('[role=dialog]')?.textContent ?? ''
  }

  test('leads to the switch; that of the first import does not', async () => {
    expect(await shown()).toContain(texts.connection.writeBack.accept)
    document.body.innerHTML = ''
    const first = await shown({ isFirst: true })
    expect(first).toContain(texts.connection.writeBack.firstTitle)
    expect(first).not.toContain(texts.connection.writeBack.accept)
  })

  test('says whether all was looked at, and has every change as CSV', async () => {
    const { complete, partialTitle, csv } = texts.connection.preview
    const whole = await shown()
    expect(whole).toContain(complete)
    expect(whole).not.toContain(partialTitle)
    const link = document.querySelector('a[download]')
    expect([link?.textContent?.trim(), link?.getAttribute('href')]).toEqual([
      csv,
      '/api/v1/integrations/hubspot/preview/export',
    ])
    document.body.innerHTML = ''
    const part = await shown({ preview: aPreview({ complete: false, examined: 10_000 }) })
    expect(part).toContain(partialTitle)
    expect(part).not.toContain(complete)
  })
})
