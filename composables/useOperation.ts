import type {
  ImportPreview,
  Operation,
  OperationResultList,
  OperationStarted,
  UndoPreview,
} from '#shared/contracts/operations'

const lookEveryMs = 1000
/** What its id is kept as in the tab's storage */
export const operationKey = 'operation'
/** What can be taken back, as the address of its undo names it. */
export type Undoable = `/${string}`

/**
 * A change of many records that somebody started: followed until it ends, also after a reload, and
 * taken back as a whole.
 * @param ended shows what it did
 */
export function useOperation(ended: (operation: Operation) => unknown) {
  const api = useApi()
  const notices = useNotices()
  const operation = useState<Operation | null>(operationKey, () => null)
  const left = ref<OperationResultList | null>(null)
  const hasFailed = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let isGone = false
  /** The operation whose records are being asked for */
  let asking: string | null = null

  const isRunning = computed(
    () => operation.value?.status === 'queued' || operation.value?.status === 'running',
  )

  async function look(id: string): Promise<void> {
    clearTimeout(timer)
    try {
      const found = await api.get<Operation>(`/operations/${id}`)
      if (isGone) return
      const wasRunning = operation.value?.id !== id || isRunning.value
      operation.value = found
      hasFailed.value = false
      if (isRunning.value) timer = setTimeout(() => void look(id), lookEveryMs)
      else if (wasRunning) await ended(found)
    } catch (error) {
      if (toProblem(error).status === 404) return dismiss()
      hasFailed.value = true
      if (!isGone) timer = setTimeout(() => void look(id), 5 * lookEveryMs)
    }
  }
  async function follow({ operationId }: OperationStarted): Promise<void> {
    left.value = asking = null
    sessionStorage.setItem(operationKey, operationId)
    await look(operationId)
  }
  function dismiss(): void {
    clearTimeout(timer)
    operation.value = left.value = asking = null
    sessionStorage.removeItem(operationKey)
  }
  async function showLeft(): Promise<void> {
    const id = operation.value?.id ?? null
    if (id === null || asking === id) return
    asking = id
    try {
      const page = await api.get<OperationResultList>(`/operations/${id}/results`, {
        limit: 50,
        cursor: left.value?.nextCursor ?? undefined,
      })
      // It may have been dismissed meanwhile.
      if (asking === id)
        left.value = { ...page, items: [...(left.value?.items ?? []), ...page.items] }
    } catch (error) {
      if (asking === id) notices.problem(error)
    } finally {
      if (asking === id) asking = null
    }
  }
  onMounted(() => {
    const kept = operation.value?.id ?? sessionStorage.getItem(operationKey)
    if (kept !== null && /^[0-9a-f]{24}$/.test(kept)) void look(kept)
  })
  onBeforeUnmount(() => {
    isGone = true
    clearTimeout(timer)
  })

  return {
    operation,
    isRunning,
    left,
    hasFailed,
    follow,
    dismiss,
    /** Records that it left as they were; each call adds some. */
    showLeft,
    bulkEdit: async (
      object: RecordName,
      which: { ids: string[] } | { filter: Record<string, string> },
      patch: Record<string, unknown>,
    ) => await follow(await api.post<OperationStarted>(`/${object}s/bulk`, { ...which, patch })),
    undoPreview: (what: Undoable) => api.post<UndoPreview>(`${what}/undo`, { dryRun: true }),
    undo: async (what: Undoable) => await follow(await api.post<OperationStarted>(`${what}/undo`)),
    importPreview: (file: Blob) =>
      api.upload<ImportPreview>('/leads/import?dryRun=true', file, 'text/csv'),
    importFile: async (file: Blob) =>
      await follow(await api.upload<OperationStarted>('/leads/import', file, 'text/csv')),
  }
}
