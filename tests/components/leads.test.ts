import { afterEach, describe, expect, test } from 'vitest'
import { nextTick } from 'vue'
import LeadsEditCell from '../../components/leads/LeadsEditCell.vue'
import LeadsForm from '../../components/leads/LeadsForm.vue'
import LeadsTimeline from '../../components/leads/LeadsTimeline.vue'
import { texts } from '#shared/texts/en'
import { toProblem } from '../../utils/problem'
import { aLead } from './builders'
import { render, violations } from './mount'

afterEach(() => (document.body.innerHTML = ''))

describe('a cell that is edited in place', () => {
  async function opened(props: Record<string, unknown> = {}) {
    const cell = render(LeadsEditCell, {
      value: 'Engines',
      field: 'Company',
      record: 'Ada',
      ...props,
    })
    await cell.get('button').trigger('click')
    await nextTick()
    return cell
  }

  test('Enter saves and gives the focus back', async () => {
    const cell = await opened()
    await cell.get('input').setValue('Analytical Engines')
    await cell.get('input').trigger('keydown', { key: 'Enter' })
    await nextTick()
    expect(cell.emitted('save')).toEqual([['Analytical Engines']])
    expect(document.activeElement).toBe(cell.get('button').element)
  })

  test('Escape takes back, and an unchanged value is not saved', async () => {
    const cell = await opened()
    await cell.get('input').setValue('other')
    await cell.get('input').trigger('keydown', { key: 'Escape' })
    await cell.get('button').trigger('click')
    await cell.get('input').trigger('keydown', { key: 'Enter' })
    expect(cell.emitted('save')).toBeUndefined()
  })

  test('emptied means no value', async () => {
    const cell = await opened()
    await cell.get('input').setValue('  ')
    await cell.get('input').trigger('keydown', { key: 'Tab' })
    expect(cell.emitted('save')).toEqual([[null]])
  })

  test('a press elsewhere saves; a focus that is lost by itself does not', async () => {
    const cell = await opened()
    await cell.get('input').setValue('Half-ty')
    await cell.get('input').trigger('blur')
    expect(cell.emitted('save')).toBeUndefined()
    expect(cell.find('input').exists()).toBe(true)
    cell.get('input').element.dispatchEvent(new Event('pointerdown', { bubbles: true }))
    expect(cell.emitted('save')).toBeUndefined()
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }))
    await nextTick()
    expect(cell.emitted('save')).toEqual([['Half-ty']])
    expect(cell.find('input').exists()).toBe(false)
  })

  test('what arrives meanwhile stands beside the field, and can be taken', async () => {
    const cell = await opened()
    await cell.get('input').setValue('Half-ty')
    await cell.setProps({ value: 'Told by HubSpot' })
    expect(cell.get('input').element.value).toBe('Half-ty')
    expect(cell.get('[role=alert]').text()).toContain(texts.leads.arrived('Told by HubSpot'))
    expect(await violations()).toEqual([])
    await cell.get('[role=alert] button').trigger('click')
    expect(cell.get('input').element.value).toBe('Told by HubSpot')
    await cell.get('input').trigger('keydown', { key: 'Enter' })
    expect(cell.emitted('save')).toBeUndefined()
  })

  test('what is wrong keeps its text, also when one presses elsewhere', async () => {
    const cell = await opened({ check: () => 'No.' })
    await cell.get('input').setValue('x')
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }))
    await nextTick()
    expect(cell.get('input').element.value).toBe('x')
    expect(cell.get('[role=alert]').text()).toBe('No.')
  })

  test('what is wrong is said, and stays to be corrected', async () => {
    const cell = await opened({ check: () => 'No.' })
    await cell.get('input').setValue('x')
    await cell.get('input').trigger('keydown', { key: 'Enter' })
    expect(cell.get('[role=alert]').text()).toBe('No.')
    expect(cell.emitted('save')).toBeUndefined()
  })
})

describe('the form', () => {
  test('only what differs is sent', async () => {
    const form = render(LeadsForm, { lead: aLead() }, { default: () => '' })
    await form.get('[name=company]').setValue('')
    await form.get('[name=phone]').setValue(' 123 ')
    await form.get('form').trigger('submit')
    expect(form.emitted('submit')).toEqual([[{ phone: '123', company: null }]])
  })

  test('a lead needs an e-mail address or a name', async () => {
    const form = render(LeadsForm, {})
    await form.get('[name=company]').setValue('x')
    await form.get('form').trigger('submit')
    expect(form.text()).toContain(texts.leads.needName)
    expect(form.emitted('submit')).toBeUndefined()
    expect(await violations()).toEqual([])
  })

  test('what the server refuses is shown at its field', () => {
    const problem = toProblem({
      statusCode: 422,
      data: {
        data: {
          code: 'validation_failed',
          correlationId: 'c',
          issues: [{ path: 'phone', message: 'is too long' }],
        },
      },
    })
    const form = render(LeadsForm, { lead: aLead(), problem })
    const input = form.get('[name=phone]')
    expect(input.attributes('aria-invalid')).toBe('true')
    expect(
      document.getElementById(input.attributes('aria-describedby') ?? '')?.textContent,
    ).toContain('is too long')
  })
})

describe('the timeline', () => {
  const entries = [
    {
      id: '2',
      at: '2026-11-24T10:00:00.000Z',
      side: 'hubspot',
      kind: 'received',
      by: null,
      fields: [{ field: 'phone', from: null, to: '<i>1</i>', rule: 'hubspot_wins' }],
    },
    {
      id: '1',
      at: '2026-11-23T10:00:00.000Z',
      side: 'ours',
      kind: 'edited',
      by: { email: 'ada@example.com' },
      fields: [{ field: 'company', from: 'Engines', to: null, rule: null }],
    },
  ]
  const props = { entries, hasOlder: true, loading: false, failed: false, nextTryAt: null }

  test('says who, where, from what to what and why, and leads on to older ones', async () => {
    const timeline = render(LeadsTimeline, props)
    for (const part of [
      texts.leads.history.editedBy('ada@example.com'),
      texts.leads.history.kinds.received,
      '<i>1</i>',
      texts.activity.rules.hubspot_wins,
      'Engines',
      texts.leads.history.empty,
    ])
      expect(timeline.text()).toContain(part)
    expect(await violations()).toEqual([])
    const older = timeline.findAll('button').find(one => one.text() === texts.leads.history.older)
    await older?.trigger('click')
    expect(timeline.emitted('older')).toHaveLength(1)
  })

  test('what was done here or in HubSpot can be undone, what was written cannot', async () => {
    const written = { ...entries[0], id: '3', kind: 'written', side: 'ours' }
    const timeline = render(LeadsTimeline, { ...props, entries: [...entries, written] })
    const undo = timeline.findAll('button').filter(one => one.text() === texts.lists.undo.entry)
    expect(undo).toHaveLength(2)
    await undo[1]?.trigger('click')
    expect(timeline.emitted('undo')).toEqual([[entries[1]]])
  })

  test('what could not be loaded can be asked for again', async () => {
    const timeline = render(LeadsTimeline, { ...props, entries: null, failed: true })
    await timeline.get('button').trigger('click')
    expect(timeline.emitted('reload')).toHaveLength(1)
  })
})
