import { z } from 'zod'
import { Role } from '#shared/contracts/account'
import { ValidationFailed } from '../errors'
import type { Accounts } from './index'

const DemoAccounts = z.array(z.object({ email: z.string(), password: z.string(), role: Role }))
export type DemoAccount = z.infer<typeof DemoAccounts>[number]

/** The partner that dev and preview sign in to. */
const demoPartner = 'Demo Partner'

/** @param configured JSON text, or what Nitro made of it; anything else counts as none */
export function parseDemoAccounts(configured: unknown): DemoAccount[] {
  let value = configured
  if (typeof configured === 'string') {
    try {
      value = JSON.parse(configured)
    } catch {
      return []
    }
  }
  return DemoAccounts.safeParse(value).data ?? []
}

/**
 * Creates the demo users that are missing, and opens and closes them with demo mode: their
 * passwords were shown to everybody. Several processes may do it at once.
 * @param demoAccounts none: demo mode is off
 */
export async function keepDemoAccounts(
  accounts: Accounts,
  demoAccounts: DemoAccount[],
): Promise<void> {
  for (const { email, password, role } of demoAccounts) {
    try {
      await accounts.createUser({ partnerName: demoPartner, email, password, role })
    } catch (error) {
      if (!(error instanceof ValidationFailed)) throw error
    }
  }
  await accounts.switchDemo(demoAccounts.map(({ email }) => email.trim().toLowerCase()))
}
