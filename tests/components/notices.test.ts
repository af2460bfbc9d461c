import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import AppToast from '../../components/app/AppToast.vue'
import AppToaster from '../../components/app/AppToaster.vue'
import type { Notice } from '../../composables/useNotices'
import { texts } from '#shared/texts/en'
import { render } from './mount'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  document.body.innerHTML = ''
})

const aNotice = (change: Partial<Notice> = {}): Notice => ({
  id: 1,
  tone: 'success',
  title: 'Saved',
  text: null,
  actions: [],
  durationMs: 5000,
  ...change,
})

describe('a message in the corner', () => {
  test('goes by itself, but not while the mouse or the focus is on it', async () => {
    const toast = render(AppToast, { notice: aNotice() })
    await toast.trigger('mouseenter')
    vi.advanceTimersByTime(60_000)
    expect(toast.emitted('dismiss')).toBeUndefined()
    await toast.trigger('mouseleave')
    vi.advanceTimersByTime(5000)
    expect(toast.emitted('dismiss')).toHaveLength(1)
  })

  test('does what its button says, and goes', async () => {
    const onClick = vi.fn()
    const toast = render(AppToast, { notice: aNotice({ actions: [{ label: 'Undo', onClick }] }) })
    await toast.get('button').trigger('click')
    expect(onClick).toHaveBeenCalledOnce()
    expect(toast.emitted('dismiss')).toHaveLength(1)
  })

  test('interrupts a screen reader when it is an error', () => {
    expect(render(AppToast, { notice: aNotice({ tone: 'error' }) }).attributes('role')).toBe(
      'alert',
    )
    expect(render(AppToast, { notice: aNotice() }).attributes('role')).toBeUndefined()
  })

  test('is dismissed by its own button', async () => {
    const toaster = render(AppToaster, { notices: [aNotice(), aNotice({ id: 2, title: 'Sent' })] })
    expect(toaster.text()).toContain('Sent')
    const [, second] = toaster.findAll(`button[aria-label="${texts.common.dismiss}"]`)
    await second?.trigger('click')
    expect(toaster.emitted('dismiss')).toEqual([[2]])
  })
})
