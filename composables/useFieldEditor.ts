import type { DeletedField, Field, FieldCreate, FieldLoss } from '#shared/contracts/fields'
import { texts } from '#shared/texts/en'

const words = texts.mapping.own

/** What can be done to own fields on the page of the mapping: add, rename, delete, take back. */
export function useFieldEditor({
  addField,
  renameField,
  askLoss,
  deleteField,
  restoreField,
}: Pick<
  ReturnType<typeof useMappings>,
  'addField' | 'renameField' | 'askLoss' | 'deleteField' | 'restoreField'
>) {
  const notices = useNotices()
  const object = ref<Field['object']>('lead')
  const isAdding = ref(false)
  const isEditing = ref(false)
  const editing = shallowRef<Field | null>(null)
  const loss = shallowRef<FieldLoss | null>(null)
  const { busy, problem, run } = useTask()

  async function work<T>(doIt: () => Promise<T>): Promise<T | null> {
    let done: T | null = null
    await run(async () => (done = await doIt()))
    return done
  }
  function failed(): void {
    const found = problem.value
    if (found) notices.failed(found.title, found.issues[0]?.message ?? found.next)
  }

  return {
    object,
    isAdding,
    isEditing,
    editing,
    loss,
    problem,
    busy,
    beginAdding(kind: Field['object']): void {
      object.value = kind
      problem.value = null
      isAdding.value = true
    },
    edit(field: Field): void {
      editing.value = field
      loss.value = null
      isEditing.value = true
    },
    async add(field: FieldCreate): Promise<void> {
      const added = await work(() => addField(field))
      if (!added) return
      isAdding.value = false
      notices.done(words.added(added.label), words.addedText)
    },
    async rename(label: string): Promise<void> {
      const id = editing.value?.id
      const renamed = id === undefined ? null : await work(() => renameField(id, label))
      if (!renamed) return failed()
      isEditing.value = false
      notices.done(words.renamed)
    },
    async ask(): Promise<void> {
      const id = editing.value?.id
      loss.value = id === undefined ? null : await work(() => askLoss(id))
      if (!loss.value) failed()
    },
    async remove(): Promise<void> {
      const id = editing.value?.id
      const gone = id === undefined ? null : await work(() => deleteField(id))
      if (!gone) return failed()
      isEditing.value = false
      notices.done(words.removed(gone.field.label), gone.message)
    },
    async restore(field: DeletedField): Promise<void> {
      const back = await work(() => restoreField(field.id))
      if (!back) return failed()
      notices.done(words.restored(back.label))
    },
  }
}
