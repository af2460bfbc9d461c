/** What the step-up dialog asks the API, and how it ends. */
export function useStepUpProof() {
  const { open, settle } = useStepUp()
  const api = useApi()
  const busy = ref(false)
  const problem = ref<{ title: string; next: string } | null>(null)

  async function prove(body: () => Promise<Record<string, unknown>>): Promise<void> {
    busy.value = true
    problem.value = null
    try {
      await api.post('/auth/step-up', await body())
      settle(true)
    } catch (error) {
      problem.value = error instanceof PasskeyNotUsed ? texts.signIn.cancelled : toProblem(error)
    } finally {
      busy.value = false
    }
  }
  watch(open, isOpen => {
    problem.value = null
    if (!isOpen) settle(false)
  })

  return {
    open,
    busy,
    problem,
    byPassword: (password: string) => prove(() => Promise.resolve({ password })),
    byPasskey: () =>
      prove(async () => ({ assertion: await usePasskeyDialog().answer('/auth/step-up/options') })),
  }
}
