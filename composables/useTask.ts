/** One thing at a time that somebody started: whether it runs, and what went wrong. */
export function useTask() {
  const busy = ref(false)
  const problem = ref<Problem | null>(null)

  /** @returns whether it went well */
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    busy.value = true
    problem.value = null
    try {
      await work()
      return true
    } catch (error) {
      problem.value = toProblem(error)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, run }
}
