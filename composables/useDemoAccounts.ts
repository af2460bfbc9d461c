import type { Role } from '#shared/contracts/account'

interface DemoAccount {
  email: string
  password: string
  role: Role
}

/**
 * The accounts that a dev or preview installation offers on its sign-in form; none in production.
 */
export function useDemoAccounts(): DemoAccount[] {
  const given: unknown = useRuntimeConfig().public.demoAccounts
  let list: unknown
  try {
    list = typeof given === 'string' ? JSON.parse(given || '[]') : given
  } catch {
    return []
  }
  return Array.isArray(list)
    ? list.filter(
        (entry): entry is DemoAccount =>
          typeof entry?.email === 'string' &&
          typeof entry.password === 'string' &&
          (entry.role === 'admin' || entry.role === 'member'),
      )
    : []
}
