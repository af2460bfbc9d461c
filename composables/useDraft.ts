import { computed, ref, shallowRef } from 'vue'

/**
 * Something that is edited as a whole and saved as a whole, with undo and redo. Values are never
 * changed in place: each edit is a new value.
 * @param count how many changes lie between two values, for "3 unsaved changes"
 */
export function useDraft<T>(count: (saved: T, current: T) => number) {
  const saved = shallowRef<T | null>(null)
  const current = shallowRef<T | null>(null)
  const past = shallowRef<T[]>([])
  const future = shallowRef<T[]>([])
  const saving = ref(false)

  /** Starts again from what the server has. */
  function load(value: T): void {
    saved.value = current.value = value
    past.value = future.value = []
  }
  /**
   * Goes on from what the server has now. @param move makes a value that was edited before fit to it
   */
  function rebase(value: T, move: (edited: T) => T): void {
    saved.value = value
    current.value = current.value === null ? value : move(current.value)
    past.value = past.value.map(move)
    future.value = future.value.map(move)
  }
  function edit(value: T): void {
    if (current.value !== null) past.value = [...past.value, current.value]
    future.value = []
    current.value = value
  }
  function undo(): void {
    const before = past.value.at(-1)
    if (before === undefined || current.value === null) return
    future.value = [...future.value, current.value]
    past.value = past.value.slice(0, -1)
    current.value = before
  }
  function redo(): void {
    const after = future.value.at(-1)
    if (after === undefined || current.value === null) return
    past.value = [...past.value, current.value]
    future.value = future.value.slice(0, -1)
    current.value = after
  }

  const changes = computed(() =>
    saved.value === null || current.value === null ? 0 : count(saved.value, current.value),
  )
  return {
    current,
    changes,
    saving,
    load,
    rebase,
    edit,
    undo,
    redo,
    discard: () => saved.value !== null && edit(saved.value),
    isDirty: computed(() => changes.value > 0),
    canUndo: computed(() => past.value.length > 0),
    canRedo: computed(() => future.value.length > 0),
  }
}
