/**
 * Named instants of a flow where a process may die. Tests put a kill there to show that nothing is
 * lost; the app itself passes nothing.
 */
export type Step =
  | 'refresh_lease_taken'
  | 'refresh_answered'
  | 'refresh_stored'
  | 'attempt_consumed'
  | 'code_exchanged'
  | 'grant_stored'
  | 'grant_forgotten'

export type OnStep = (step: Step) => void | Promise<void>
