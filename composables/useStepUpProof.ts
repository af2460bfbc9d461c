/** What the step-up dialog asks the API, and how it ends. */
export function useStepUpProof() {
  const { open, settle } = useStepUp()
  const api = useApi()
  const { busy, problem, run } = useTask()

  async function prove(body: () => Promise<Record<string, unknown>>): Promise<void> {
    if (await run(async () => api.post('/auth/step-up', await body()))) settle(true)
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
