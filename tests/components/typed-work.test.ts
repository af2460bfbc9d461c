import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import AppDialog from '../../components/app/AppDialog.vue'
import AppDiscardDialog from '../../components/app/AppDiscardDialog.vue'
import AppMeanwhile from '../../components/app/AppMeanwhile.vue'
import AppPanel from '../../components/app/AppPanel.vue'
import AppSignInDialog from '../../components/app/AppSignInDialog.vue'
import AppUnsent from '../../components/app/AppUnsent.vue'
import DealsForm from '../../components/deals/DealsForm.vue'
import LeadsForm from '../../components/leads/LeadsForm.vue'
import { useUnsent } from '../../composables/useUnsent'
import { texts } from '#shared/texts/en'
import { toProblem } from '../../utils/problem'
import { aDeal, aLead } from './builders'
import { render, violations } from './mount'

const { meanwhile, discardTyped, unsent } = texts.common
const mounted: ReturnType<typeof render>[] = []
function shown(...input: Parameters<typeof render>) {
  const wrapper = render(...input)
  mounted.push(wrapper)
  return wrapper
}
afterEach(() => {
  for (const one of mounted.splice(0)) one.unmount()
  document.body.innerHTML = ''
})
const click = async (label: string) => {
  const found = [...document.querySelectorAll('button')].find(
    one => one.textContent.trim() === label,
  )
  if (!found) throw new Error(`No button "${label}"`)
  found.click()
  await nextTick()
}

describe('a record that others change while somebody types', () => {
  test('comes in beside what is typed; only a field that both changed asks', async () => {
    const form = shown(LeadsForm, { lead: aLead({ phone: '1', company: 'Engines' }) })
    const field = (name: string) => form.get<HTMLInputElement>(`[name=${name}]`)
    await field('phone').setValue('22')
    await field('firstName').setValue('Augusta')
    await form.setProps({
      lead: aLead({ phone: '333', company: 'Mills', lastName: 'Byron', revision: 2 }),
    })
    expect(field('phone').element.value).toBe('22')
    expect(field('firstName').element.value).toBe('Augusta')
    expect(field('company').element.value).toBe('Mills')
    expect(field('lastName').element.value).toBe('Byron')
    expect(form.findAll('[data-meanwhile]')).toHaveLength(1)
    expect(form.text()).toContain(meanwhile.changed(texts.leads.field.phone, '333'))
    expect(await violations()).toEqual([])

    await form.get('form').trigger('submit')
    expect(form.emitted('submit')).toBeUndefined()
    await click(meanwhile.ours)
    await form.get('form').trigger('submit')
    expect(form.emitted('submit')).toEqual([[{ firstName: 'Augusta', phone: '22' }]])
    expect(form.find('[data-meanwhile]').exists()).toBe(false)
  })

  test('asks of a stage as well, and takes the other value where that is chosen', async () => {
    const form = shown(DealsForm, { deal: aDeal({ stage: 'new' }) })
    await form.get('select').setValue('won')
    await form.setProps({ deal: aDeal({ stage: 'lost', amount: '7', revision: 2 }) })
    expect(form.text()).toContain(meanwhile.changed(texts.leads.stage, 'Lost'))
    await click(meanwhile.theirs)
    expect(form.get('select').element.value).toBe('lost')
    await form.get('form').trigger('submit')
    expect(form.emitted('submit')).toBeUndefined()
  })

  test('what one saved oneself asks nothing, also when one has typed on', async () => {
    const form = shown(LeadsForm, { lead: aLead({ phone: '1' }) })
    await form.get('[name=phone]').setValue('2')
    await form.get('form').trigger('submit')
    await form.get('[name=phone]').setValue('23')
    await form.setProps({ lead: aLead({ phone: '2', revision: 2 }) })
    expect(form.find('[data-meanwhile]').exists()).toBe(false)
    await form.get('form').trigger('submit')
    expect(form.emitted('submit')).toEqual([[{ phone: '2' }], [{ phone: '23' }]])
  })

  test('a value that was cleared is told as such', () => {
    const asked = shown(AppMeanwhile, { label: 'Phone', value: '' })
    expect(asked.text()).toContain(meanwhile.cleared('Phone'))
  })
})

describe.each([
  ['a dialog', AppDialog],
  ['a panel', AppPanel],
])('%s in which something is typed', (_, each) => {
  const opened = async () => {
    const wrapper = shown(
      each,
      { open: true, title: 'A title', description: 'x' },
      { default: () => h(LeadsForm, { lead: aLead({ phone: '1' }) }) },
    )
    await nextTick()
    return wrapper
  }
  const escape = async () => {
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    await nextTick()
    await nextTick()
  }
  const type = async (value: string) => {
    const input = document.querySelector<HTMLInputElement>('[name=phone]')
    if (!input) throw new Error('No field')
    input.value = value
    input.dispatchEvent(new Event('input', { bubbles: true }))
    await nextTick()
  }
  test('closes at once while nothing is typed', async () => {
    const wrapper = await opened()
    await escape()
    expect(wrapper.emitted('update:open')).toEqual([[false]])
  })
  test('asks before it closes, and closes when that is said', async () => {
    const wrapper = await opened()
    await type('2')
    await escape()
    expect(wrapper.emitted('update:open')).toBeUndefined()
    expect(document.body.textContent).toContain(discardTyped.title)
    await click(discardTyped.stay)
    expect(wrapper.emitted('update:open')).toBeUndefined()
    await vi.waitFor(async () => {
      await escape()
      expect(document.body.textContent).toContain(discardTyped.title)
    })
    await click(discardTyped.discard)
    expect(wrapper.emitted('update:open')).toEqual([[false]])
  })
})

test('the question before typed work is lost has a name and two ways out', async () => {
  const asked = shown(AppDiscardDialog, { open: true })
  await nextTick()
  expect(document.querySelector('[role=dialog]')?.textContent).toContain(discardTyped.text)
  await click(discardTyped.discard)
  expect(asked.emitted('discard')).toHaveLength(1)
})

describe('what could not be sent', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  function held() {
    let unsentWork: ReturnType<typeof useUnsent> | undefined
    const wrapper = shown(
      defineComponent({
        setup() {
          unsentWork = useUnsent()
          return () => null
        },
      }),
    )
    if (!unsentWork) throw new Error('Not set up')
    return { work: unsentWork, wrapper }
  }
  const away = toProblem(new Error('no answer'))

  test('is kept and sent when the connection is back, or by itself after a while', async () => {
    const { work } = held()
    const send = vi.fn(() => Promise.resolve())
    expect(work.keep(away, send)).toBe(true)
    expect(work.isWaiting.value).toBe(true)
    window.dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(0)
    expect(send).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(send).toHaveBeenCalledTimes(2)
    work.release()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(send).toHaveBeenCalledTimes(2)
    expect(work.isWaiting.value).toBe(false)
  })

  test('is not sent again where something answered, nor after the page is left', async () => {
    const { work, wrapper } = held()
    const send = vi.fn(() => Promise.resolve())
    expect(work.keep(toProblem({ statusCode: 422, data: {} }), send)).toBe(false)
    expect(work.keep(toProblem({ statusCode: 503, data: {} }), send)).toBe(true)
    wrapper.unmount()
    window.dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(send).not.toHaveBeenCalled()
  })

  test('is said, with a button to send it now', async () => {
    const said = shown(AppUnsent, { busy: false })
    expect(said.text()).toContain(unsent.title)
    await said.get('button').trigger('click')
    expect(said.emitted('retry')).toHaveLength(1)
  })
})

test('signing in over the page names the person, cannot be waved away, and leads out', async () => {
  const again = texts.signIn.again
  const asked = shown(AppSignInDialog, {
    open: true,
    email: 'ada@example.com',
    busy: false,
    problem: null,
  })
  await nextTick()
  const dialog = document.querySelector('[role=dialog]')
  expect(dialog?.textContent).toContain(again.text('ada@example.com'))
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
  await nextTick()
  expect(document.querySelector('[role=dialog]')).not.toBeNull()
  const input = document.querySelector<HTMLInputElement>('[type=password]')
  if (!input) throw new Error('No password field')
  input.value = 'a long password'
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
  document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  expect(asked.emitted('password')).toEqual([['a long password']])
  await click(texts.stepUp.passkey)
  await click(again.leave)
  expect([asked.emitted('passkey'), asked.emitted('leave')]).toEqual([[[]], [[]]])
})
