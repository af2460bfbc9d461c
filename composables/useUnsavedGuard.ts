import type { Ref } from 'vue'

/**
 * Asks before changes are lost: when leaving for another page of ours, and when closing or
 * reloading the tab.
 */
export function useUnsavedGuard(isDirty: Ref<boolean>): void {
  onBeforeRouteLeave(() => !isDirty.value || window.confirm(texts.common.unsavedLeave))
  const ask = (event: BeforeUnloadEvent) => {
    if (isDirty.value) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', ask))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', ask))
}
