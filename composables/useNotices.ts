export interface NoticeAction {
  label: string
  onClick: () => void
}
export interface Notice {
  id: number
  tone: 'success' | 'warning' | 'error'
  title: string
  text: string | null
  actions: NoticeAction[]
  durationMs: number
}

/** The messages that are shown now; only ever filled in the browser. */
export function useNoticeList() {
  return useState<Notice[]>('notices', () => [])
}

let lastId = 0

/**
 * Short messages in the corner, read out by screen readers. What needs a decision belongs on the
 * page, not here.
 */
export function useNotices() {
  const list = useNoticeList()

  function add(
    tone: Notice['tone'],
    title: string,
    text: string | undefined,
    actions: NoticeAction[],
    durationMs: number,
  ): void {
    if (import.meta.server) return
    // The same message twice is one message, and more than a handful nobody reads.
    list.value = [
      ...list.value.filter(notice => notice.title !== title),
      { id: ++lastId, tone, title, text: text ?? null, actions, durationMs },
    ].slice(-4)
  }
  const done = (title: string, text?: string, actions: NoticeAction[] = []) =>
    add('success', title, text, actions, 6000)
  const warn = (title: string, text?: string, actions: NoticeAction[] = []) =>
    add('warning', title, text, actions, 15_000)
  const failed = (title: string, text?: string, actions: NoticeAction[] = []) =>
    add('error', title, text, actions, 15_000)

  /** @param error anything that `useApi` threw */
  function problem(error: unknown, title?: string): void {
    const found = toProblem(error)
    if (found.code === 'not_signed_in') return
    const said = title === undefined ? found.next : `${found.title}. ${found.next}`
    failed(
      title ?? found.title,
      found.correlationId !== null && (found.status ?? 0) >= 500
        ? `${said} (${texts.common.reference(found.correlationId)})`
        : said,
    )
  }

  return { done, warn, failed, problem }
}
