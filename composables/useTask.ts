/** One thing at a time that somebody started: whether it runs, and what went wrong. */
export function useTask() {
  const busy = ref(false)
  const problem = ref<{ title: string; next: string } | null>(null)

  /** @returns whether it went well */
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    busy.value = true
    problem.value = null
    try {
      await work()
      return true
    } catch (error) {
      problem.value = error instanceof PasskeyNotUsed ? texts.signIn.cancelled : toProblem(error)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, run }
}
