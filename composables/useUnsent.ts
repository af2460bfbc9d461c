import { onBeforeUnmount, onMounted, ref } from 'vue'
import type { Problem } from '../utils/problem'

/** The browser does not notice every way in which a connection comes back. */
const tryEveryMs = 10_000

/** Nothing answered, or what stands before the server said that it is away. */
const isAway = ({ code, status }: Problem) =>
  code === 'network' || [502, 503, 504].includes(status ?? 0)

/**
 * What could not be sent because nothing answered: kept, and sent again when the connection is back,
 * every few seconds, or when somebody asks for it.
 */
export function useUnsent() {
  const isWaiting = ref(false)
  let again: (() => Promise<unknown>) | null = null
  let timer: ReturnType<typeof setInterval> | undefined
  let isSending = false

  function release(): void {
    again = null
    isWaiting.value = false
    clearInterval(timer)
  }

  async function retry(): Promise<void> {
    if (again === null || isSending) return
    isSending = true
    try {
      await again()
    } finally {
      isSending = false
    }
  }
  const retryNow = () => void retry()

  onMounted(() => window.addEventListener('online', retryNow))
  onBeforeUnmount(() => {
    release()
    window.removeEventListener('online', retryNow)
  })

  return {
    isWaiting,
    retry,
    release,
    /**
     * @param send sends it once more; it calls this again where that fails
     * @returns whether it is kept: `false` where something answered, so that sending it again does
     *   not help
     */
    keep(problem: Problem, send: () => Promise<unknown>): boolean {
      if (!isAway(problem)) {
        release()
        return false
      }
      again = send
      isWaiting.value = true
      clearInterval(timer)
      timer = setInterval(retryNow, tryEveryMs)
      return true
    },
  }
}
