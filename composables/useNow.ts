import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/**
 * The present moment, ticking while mounted. `null` until mounted: what depends on it is not
 * rendered on the server, so nothing has to be taken back.
 * @param everyMs how often it moves
 */
export function useNow(everyMs = 30_000): Ref<number | null> {
  const now = ref<number | null>(null)
  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    now.value = Date.now()
    timer = setInterval(() => (now.value = Date.now()), everyMs)
  })
  onBeforeUnmount(() => clearInterval(timer))
  return now
}
