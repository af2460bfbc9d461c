import type { Role } from '#shared/contracts/account'
import type { SignInRules } from '#shared/contracts/passkeys'
import type { Invitation, ResetLink, User, UserList } from '#shared/contracts/people'

/** The people of the own organisation. */
export function usePeople() {
  const api = useApi()

  /** Every page of the list: an organisation has tens of people, not thousands. */
  async function all(): Promise<User[]> {
    const people: User[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: UserList = await api.get('/users', { limit: 100, cursor })
      people.push(...page.items)
      cursor = page.nextCursor
    }
    return people
  }

  return {
    all,
    invite: (email: string, role: Role) =>
      api.post<Invitation>('/users/invitations', { email, role }),
    change: (user: User, patch: { role?: Role; disabled?: boolean }) =>
      api.patch<User>(`/users/${user.id}`, patch),
    endSessions: (user: User) => api.remove<{ ended: number }>(`/users/${user.id}/sessions`),
    reset: (user: User) => api.post<ResetLink>(`/users/${user.id}/password-reset`),
    remove: (user: User) => api.remove(`/users/${user.id}`),
    rules: () => api.get<SignInRules>('/users/rules'),
    setRules: (passkeysRequired: boolean) =>
      api.put<SignInRules>('/users/rules', { passkeysRequired }),
  }
}
