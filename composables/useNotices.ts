interface NoticeAction { label: string, onClick: () => void }

/** Short messages in the corner, read out by screen readers. What needs a decision belongs on the page, not here. */
export function useNotices() {
  const toast = useToast()

  function done(title: string, description?: string, actions?: NoticeAction[]): void {
    toast.add({ title, description, actions, color: 'success', icon: 'i-lucide-circle-check', type: 'background' })
  }

  function warn(title: string, description?: string, actions?: NoticeAction[]): void {
    toast.add({ title, description, actions, color: 'warning', icon: 'i-lucide-triangle-alert', duration: 12_000 })
  }

  function failed(title: string, description?: string, actions?: NoticeAction[]): void {
    toast.add({ title, description, actions, color: 'error', icon: 'i-lucide-circle-x', duration: 12_000 })
  }

  /** @param error anything that `useApi` threw */
  function problem(error: unknown, title?: string): void {
    const found = toProblem(error)
    if (found.code === 'not_signed_in') return
    const said = title === undefined ? found.next : `${found.title}. ${found.next}`
    failed(title ?? found.title, found.correlationId !== null && (found.status ?? 0) >= 500 ? `${said} (${texts.common.reference(found.correlationId)})` : said)
  }

  return { done, warn, failed, problem }
}
