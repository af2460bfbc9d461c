import type { UndoPreview } from '#shared/contracts/operations'
import type { Undoable } from './useOperation'

/** Taking something back: first what it would change, then the change itself. */
export function useUndo(work: Pick<ReturnType<typeof useOperation>, 'undoPreview' | 'undo'>) {
  const open = ref(false)
  const preview = ref<UndoPreview | null>(null)
  const { busy, problem, run } = useTask()
  let what: Undoable = '/'

  async function look(): Promise<void> {
    const asked = what
    await run(async () => {
      const found = await work.undoPreview(asked)
      if (asked === what) preview.value = found
    })
  }
  return {
    open,
    preview,
    busy,
    problem,
    look,
    /** @param of a run, an operation, or one change of a record */
    begin: async (of: Undoable) => {
      what = of
      preview.value = null
      open.value = true
      await look()
    },
    confirm: async () => {
      if (await run(() => work.undo(what))) open.value = false
    },
  }
}
