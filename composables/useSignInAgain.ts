/** Who waits for the answer; in the browser there is one dialog. */
let waiting: ((isBack: boolean) => void)[] = []

/**
 * The dialog in which people sign in again over the page, when their session has ended while they
 * work. What the API refused is sent again afterwards (`useApi`).
 */
export function useSignInAgain() {
  const open = useState('sign-in-again', () => false)

  /** Opens the dialog. @returns whether they are signed in again */
  function ask(): Promise<boolean> {
    open.value = true
    return new Promise(resolve => waiting.push(resolve))
  }

  /** @param isBack `false`: they leave the page */
  function settle(isBack: boolean): void {
    open.value = false
    for (const resolve of waiting) resolve(isBack)
    waiting = []
  }

  return { open, ask, settle }
}
