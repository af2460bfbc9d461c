import type { Ref } from 'vue'

/**
 * Asks before changes are lost: when leaving for another page of ours, and when closing or
 * reloading the tab.
 */
export function useUnsavedGuard(isDirty: Ref<boolean>): void {
  const me = useMe()
  // Whose session has ended and who chose to leave is not asked once more.
  onBeforeRouteLeave(() => !isDirty.value || !me.value || window.confirm(texts.common.unsavedLeave))
  const ask = (event: BeforeUnloadEvent) => {
    if (isDirty.value) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', ask))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', ask))
}
