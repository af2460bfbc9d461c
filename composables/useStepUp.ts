import type { Me } from '#shared/contracts/account'

/** Who waits for the answer; in the browser there is one dialog. */
let waiting: ((proven: boolean) => void)[] = []

/**
 * The dialog in which people prove again who they are. What the API refused with `step_up_required`
 * is sent again afterwards (`useApi`).
 */
export function useStepUp() {
  const open = useState('step-up-open', () => false)
  const me = useState<Me | null | undefined>('me', () => undefined)

  /** Opens the dialog. @returns whether they proved it */
  function ask(): Promise<boolean> {
    open.value = true
    return new Promise(resolve => waiting.push(resolve))
  }

  /** @param validUntil until when it lasts; `null`: they gave up */
  function settle(validUntil: string | null): void {
    open.value = false
    if (validUntil !== null && me.value) me.value = { ...me.value, provenUntil: validUntil }
    for (const resolve of waiting) resolve(validUntil !== null)
    waiting = []
  }

  /** A download that needs a proof waits for it: a link cannot be sent again by itself. */
  async function guardDownload(event: MouseEvent): Promise<void> {
    const link = event.target instanceof Element ? event.target.closest('a[download]') : null
    if (!(link instanceof HTMLAnchorElement) || !link.pathname.startsWith('/api/')) return
    const soon = Date.now() + 5000
    if (!me.value || Date.parse(me.value.provenUntil) > soon) return
    event.preventDefault()
    event.stopPropagation()
    if (await ask()) link.click()
  }

  return { open, ask, settle, guardDownload }
}
