import type { Me } from '#shared/contracts/account'

/** What the dialog of signing in again asks the API, and how it ends. */
export function useSignInAgainProof() {
  const { open, settle } = useSignInAgain()
  const { me, signIn, signInByPasskey } = useSession()
  const { busy, problem, run } = useTask()
  const request = useRequestFetch()
  const isSecondAsked = computed(() => problem.value?.code === 'second_factor_required')

  /** The page goes on for the same person only: what it shows belongs to their organisation. */
  function goOn(before: string | undefined): void {
    if (me.value?.user.id === before) settle(true)
    else window.location.assign('/')
  }
  async function enter(work: () => Promise<void>): Promise<void> {
    const before = me.value?.user.id
    if (await run(work)) goOn(before)
  }
  /** They may have signed in again in another tab. */
  async function look(): Promise<void> {
    if (!open.value || busy.value) return
    const before = me.value?.user.id
    const found = await request<Me>('/api/v1/auth/me').catch(() => null)
    if (found && open.value && !busy.value) {
      me.value = found
      goOn(before)
    }
  }
  const lookNow = () => void look()
  onMounted(() => window.addEventListener('focus', lookNow))
  onBeforeUnmount(() => window.removeEventListener('focus', lookNow))
  watch(open, () => (problem.value = null))

  return {
    open,
    busy,
    problem,
    isSecondAsked,
    email: computed(() => me.value?.user.email ?? ''),
    byPassword: (password: string) => enter(() => signIn(me.value?.user.email ?? '', password)),
    byPasskey: () => enter(signInByPasskey),
    leave: () => settle(false),
  }
}
