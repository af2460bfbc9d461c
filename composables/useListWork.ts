import type { ImportPreview } from '#shared/contracts/operations'
import { changeOf, type ListColumn } from '../utils/list-columns'

/** What is done with many records of a list at once: edited, imported, and taken back. */
export function useListWork(
  query: ReturnType<typeof useListQuery>,
  list: ReturnType<typeof useRecordList>,
  reloadRecord: () => Promise<unknown>,
) {
  const operation = useOperation(async () => {
    await list.look()
    await reloadRecord().catch(() => {})
  })
  const undo = useUndo(operation)
  const chosen = useChosenRecords(list.items, () =>
    JSON.stringify([query.object.value, query.query.value]),
  )
  const bulk = { ...useTask(), open: ref(false) }
  const files = {
    ...useTask(),
    open: ref(false),
    preview: ref<ImportPreview | null>(null),
  }
  let file: Blob | null = null
  watch(files.open, () => {
    file = files.preview.value = files.problem.value = null
  })
  watch(bulk.open, () => {
    bulk.problem.value = null
  })

  return {
    operation,
    undo,
    chosen,
    chosenCount: computed(() =>
      chosen.isAll.value ? (list.total.value ?? chosen.ids.value.size) : chosen.ids.value.size,
    ),
    bulk: {
      ...bulk,
      apply: async (column: ListColumn, value: string | null) => {
        const [record] = list.items.value
        if (!record) return
        const { patch } = changeOf(record, column, value)
        const which = chosen.isAll.value
          ? { filter: query.query.value }
          : { ids: [...chosen.ids.value] }
        if (!(await bulk.run(() => operation.bulkEdit(query.object.value, which, patch)))) return
        bulk.open.value = false
        chosen.clear()
      },
    },
    files: {
      ...files,
      read: async (chosenFile: Blob) => {
        file = chosenFile
        files.preview.value = null
        await files.run(async () => {
          const found = await operation.importPreview(chosenFile)
          if (file === chosenFile) files.preview.value = found
        })
      },
      start: async () => {
        const what = file
        if (what && (await files.run(() => operation.importFile(what)))) files.open.value = false
      },
    },
  }
}
