import { texts } from '#shared/texts/en'
import { collides } from '../utils/collisions'

interface Revised {
  id: string
  revision: number
}

export interface EditOptions<T extends Revised> {
  /** Shows a record in place of the one with its id */
  show: (record: T) => void
  save: (record: T, patch: Record<string, unknown>) => Promise<T>
}

/** One change, as the API takes it and as the record shows it. */
export interface Change {
  patch: Record<string, unknown>
  shown: Record<string, unknown>
}

/**
 * Edit in place: the change is shown at once, and taken back when the server refuses it. Where
 * somebody else changed another field meanwhile, it is sent again; where they changed the same one,
 * their version is shown and one's own offered again.
 */
export function useOptimisticEdit<T extends Revised>({ show, save }: EditOptions<T>) {
  const notices = useNotices()
  const saving = ref(new Set<string>())

  async function send(record: T, change: Change): Promise<T> {
    try {
      return await save(record, { ...change.patch, revision: record.revision })
    } catch (error) {
      const current = currentOf(error)
      if (!current || collides(change.patch, record, current)) throw error
      return await save(current, { ...change.patch, revision: current.revision })
    }
  }

  function currentOf(error: unknown): T | undefined {
    const problem = toProblem(error)
    return problem.code === 'stale_revision' ? (problem.data.current as T | undefined) : undefined
  }

  async function edit(record: T, change: Change, label: string, said: string): Promise<boolean> {
    show({ ...record, ...change.shown })
    saving.value = new Set([...saving.value, record.id])
    try {
      show(await send(record, change))
      return true
    } catch (error) {
      const problem = toProblem(error)
      const current = currentOf(error)
      show(current ?? record)
      if (current) {
        notices.warn(texts.leads.staleTitle, texts.leads.staleText(label, said), [
          { label: texts.leads.useMine, onClick: () => void edit(current, change, label, said) },
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
