interface Revised {
  id: string
  revision: number
}

export interface EditOptions<T extends Revised> {
  /** Shows a record in place of the one with its id */
  show: (record: T) => void
  save: (id: string, patch: Partial<T> & { revision: number }) => Promise<T>
}

/**
 * Edit in place: the change is shown at once, taken back when the server refuses it, and where
 * somebody else was faster their version is shown and one's own offered again.
 */
export function useOptimisticEdit<T extends Revised>({ show, save }: EditOptions<T>) {
  const notices = useNotices()
  const saving = ref(new Set<string>())

  async function edit(
    record: T,
    change: Partial<T>,
    label: string,
    shown: string,
  ): Promise<boolean> {
    show({ ...record, ...change })
    saving.value = new Set([...saving.value, record.id])
    try {
      show(await save(record.id, { ...change, revision: record.revision }))
      return true
    } catch (error) {
      const problem = toProblem(error)
      const current =
        problem.code === 'stale_revision' ? (problem.data.current as T | undefined) : undefined
      show(current ?? record)
      if (current) {
        notices.warn(texts.leads.staleTitle, texts.leads.staleText(label, shown), [
          { label: texts.leads.useMine, onClick: () => void edit(current, change, label, shown) },
        ])
      } else {
        notices.failed(
          texts.leads.saveFailed(label),
          problem.issues[0] ? `${problem.issues[0].message}.` : `${problem.title}. ${problem.next}`,
        )
      }
      return false
    } finally {
      saving.value = new Set([...saving.value].filter(id => id !== record.id))
    }
  }

  return { edit, saving }
}
