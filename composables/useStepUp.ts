import type { SteppedUp } from '#shared/contracts/passkeys'

/** Who waits for the answer; in the browser there is one dialog. */
let waiting: ((proven: boolean) => void)[] = []
/** The download that may start now */
let passed: HTMLAnchorElement | null = null

/**
 * The dialog in which people prove again who they are. What the API refused with `step_up_required`
 * is sent again afterwards (`useApi`).
 */
export function useStepUp() {
  const open = useState('step-up-open', () => false)

  /** Opens the dialog. @returns whether they proved it */
  function ask(): Promise<boolean> {
    open.value = true
    return new Promise(resolve => waiting.push(resolve))
  }

  /** @param isProven `false`: they gave up */
  function settle(isProven: boolean): void {
    open.value = false
    for (const resolve of waiting) resolve(isProven)
    waiting = []
  }

  /**
   * A download that needs a proof waits for it: a link cannot be sent again by itself. One that
   * needs none is marked with `data-open`.
   */
  async function guardDownload(event: MouseEvent): Promise<void> {
    const link =
      event.target instanceof Element ? event.target.closest('a[download]:not([data-open])') : null
    if (!(link instanceof HTMLAnchorElement) || !link.pathname.startsWith('/api/')) return
    if (link === passed) {
      passed = null
      return
    }
    event.preventDefault()
    event.stopPropagation()
    // Whoever cannot be asked is let through: the server decides in any case.
    const isProven = await $fetch('/api/v1/auth/step-up').then(
      answer => Date.parse((answer as SteppedUp).validUntil) > Date.now() + 5000,
      () => true,
    )
    if (!isProven && !(await ask())) return
    passed = link
    link.click()
  }

  return { open, ask, settle, guardDownload }
}
