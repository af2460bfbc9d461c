import { nextTick, watch, type Ref } from 'vue'

/**
 * Gives the focus back to what had it before a dialog opened, or to the page's heading when that is
 * gone. Nuxt UI's dialogs leave the focus on the body.
 * @param open whether the dialog is open
 */
export function useFocusReturn(open: Ref<boolean>): () => void {
  let before: HTMLElement | null = null
  watch(
    open,
    isOpen => {
      if (isOpen)
        before = document.activeElement instanceof HTMLElement ? document.activeElement : null
    },
    { flush: 'sync', immediate: typeof document !== 'undefined' },
  )
  return () =>
    void nextTick(() => {
      const target =
        before?.isConnected && before !== document.body
          ? before
          : document.getElementById('page-title')
      target?.focus()
      before = null
    })
}
