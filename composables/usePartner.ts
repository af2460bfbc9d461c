/** The partner of the signed-in user, and whether that user may change things. */
export function usePartner() {
  const me = useMe()
  return {
    partner: computed(() => me.value?.partner ?? null),
    user: computed(() => me.value?.user ?? null),
    isAdmin: computed(() => me.value?.user.role === 'admin'),
  }
}
