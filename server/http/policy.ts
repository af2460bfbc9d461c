import type { RouteRole } from './define-route'

export interface RoutePolicy {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As Nitro names it: `:name` for a parameter */
  path: string
  role: RouteRole
}

const hubspot = '/v1/integrations/hubspot'

/** The guide's own paths, which answer without `/api` as well. */
const alsoWithoutApi: RoutePolicy[] = [
  { method: 'GET', path: `${hubspot}/callback`, role: 'anyone' },
  { method: 'GET', path: `${hubspot}/token`, role: 'admin' },
  { method: 'POST', path: `${hubspot}/refresh`, role: 'admin' },
  { method: 'POST', path: `${hubspot}/sync`, role: 'admin' },
  { method: 'DELETE', path: `${hubspot}/disconnect`, role: 'admin' },
  { method: 'POST', path: '/v1/leads/webhooks/hubspot', role: 'signature' },
]

/**
 * Who may call what: every route of the server, once. The handlers carry the same role in code; a
 * test compares both with the files that exist and fails on a route that is missing here or
 * differs.
 */
export const policy: RoutePolicy[] = [
  // Load balancers probe by HEAD; the API has no use for it.
  ...(['GET', 'HEAD'] as const).flatMap((method): RoutePolicy[] =>
    ['/healthz', '/readyz', '/metrics'].map(path => ({ method, path, role: 'probe' })),
  ),
  { method: 'POST', path: '/api/v1/auth/login', role: 'anyone' },
  { method: 'POST', path: '/api/v1/auth/logout', role: 'member' },
  { method: 'GET', path: '/api/v1/auth/me', role: 'member' },
  { method: 'GET', path: '/api/v1/auth/sessions', role: 'member' },
  { method: 'DELETE', path: '/api/v1/auth/sessions', role: 'member' },
  { method: 'DELETE', path: '/api/v1/auth/sessions/:id', role: 'member' },
  { method: 'POST', path: '/api/v1/auth/invitation', role: 'anyone' },
  { method: 'POST', path: '/api/v1/auth/password', role: 'member' },
  { method: 'POST', path: '/api/v1/auth/password/reset-request', role: 'anyone' },
  { method: 'POST', path: '/api/v1/auth/password/reset', role: 'anyone' },
  { method: 'GET', path: '/api/v1/auth/step-up', role: 'member' },
  { method: 'POST', path: '/api/v1/auth/step-up', role: 'member' },
  { method: 'POST', path: '/api/v1/auth/step-up/options', role: 'member' },
  { method: 'POST', path: '/api/v1/auth/passkeys/registration/options', role: 'member' },
  { method: 'POST', path: '/api/v1/auth/passkeys/sign-in/options', role: 'anyone' },
  { method: 'POST', path: '/api/v1/auth/passkeys/sign-in', role: 'anyone' },
  { method: 'POST', path: '/api/v1/auth/passkeys/recover', role: 'anyone' },
  { method: 'POST', path: '/api/v1/auth/passkeys/recovery-codes', role: 'member' },
  { method: 'GET', path: '/api/v1/auth/passkeys', role: 'member' },
  { method: 'POST', path: '/api/v1/auth/passkeys', role: 'member' },
  { method: 'PATCH', path: '/api/v1/auth/passkeys/:id', role: 'member' },
  { method: 'DELETE', path: '/api/v1/auth/passkeys/:id', role: 'member' },
  { method: 'GET', path: '/api/v1/users', role: 'admin' },
  { method: 'GET', path: '/api/v1/users/rules', role: 'admin' },
  { method: 'PUT', path: '/api/v1/users/rules', role: 'admin' },
  { method: 'POST', path: '/api/v1/users/invitations', role: 'admin' },
  { method: 'PATCH', path: '/api/v1/users/:id', role: 'admin' },
  { method: 'DELETE', path: '/api/v1/users/:id', role: 'admin' },
  { method: 'DELETE', path: '/api/v1/users/:id/sessions', role: 'admin' },
  { method: 'POST', path: '/api/v1/users/:id/password-reset', role: 'admin' },
  { method: 'GET', path: '/api/v1/audit', role: 'admin' },
  { method: 'GET', path: '/api/v1/service-keys', role: 'admin' },
  { method: 'POST', path: '/api/v1/service-keys', role: 'admin' },
  { method: 'DELETE', path: '/api/v1/service-keys/:id', role: 'admin' },
  ...alsoWithoutApi,
  ...alsoWithoutApi.map(route => ({ ...route, path: `/api${route.path}` })),
  { method: 'GET', path: `/api${hubspot}`, role: 'member' },
  { method: 'POST', path: `/api${hubspot}/connect`, role: 'admin' },
  { method: 'PATCH', path: `/api${hubspot}/settings`, role: 'admin' },
  { method: 'POST', path: `/api${hubspot}/pending`, role: 'admin' },
  { method: 'DELETE', path: `/api${hubspot}/pending`, role: 'admin' },
  { method: 'DELETE', path: `/api${hubspot}/records`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/runs`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/runs/:id`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/runs/:id/results`, role: 'member' },
  { method: 'POST', path: `/api${hubspot}/runs/:id/undo`, role: 'admin' },
  { method: 'POST', path: `/api${hubspot}/retry`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/failures`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/failures/export`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/failures/:cause`, role: 'member' },
  { method: 'POST', path: `/api${hubspot}/failures/:cause/retry`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/events`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/pipelines`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/properties/:object`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/samples/:object`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/owners`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/labels`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/stage-mapping`, role: 'member' },
  { method: 'PUT', path: `/api${hubspot}/stage-mapping`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/field-mapping`, role: 'member' },
  { method: 'PUT', path: `/api${hubspot}/field-mapping`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/scope`, role: 'member' },
  { method: 'PUT', path: `/api${hubspot}/scope`, role: 'admin' },
  { method: 'POST', path: `/api${hubspot}/scope/preview`, role: 'admin' },
  { method: 'POST', path: `/api${hubspot}/scope/rehearsal`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/lists`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/mapping-versions`, role: 'member' },
  { method: 'POST', path: `/api${hubspot}/mapping-versions/:id/restore`, role: 'admin' },
  { method: 'POST', path: `/api${hubspot}/rehearsal`, role: 'admin' },
  { method: 'POST', path: `/api${hubspot}/rehearsal/record`, role: 'admin' },
  { method: 'POST', path: `/api${hubspot}/preview`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/preview/export`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/explain`, role: 'member' },
  { method: 'GET', path: `/api${hubspot}/quota`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/doctor`, role: 'admin' },
  { method: 'GET', path: `/api${hubspot}/health`, role: 'member' },
  { method: 'POST', path: `/api${hubspot}/webhook-test`, role: 'admin' },
  { method: 'GET', path: '/api/v1/notices', role: 'member' },
  { method: 'GET', path: '/api/v1/notices/preferences', role: 'member' },
  { method: 'PUT', path: '/api/v1/notices/preferences', role: 'member' },
  { method: 'GET', path: '/api/v1/notices/webhook', role: 'admin' },
  { method: 'PUT', path: '/api/v1/notices/webhook', role: 'admin' },
  { method: 'DELETE', path: '/api/v1/notices/webhook', role: 'admin' },
  { method: 'POST', path: '/api/v1/notices/webhook/test', role: 'admin' },
  { method: 'GET', path: '/api/v1/operations/:id', role: 'member' },
  { method: 'GET', path: '/api/v1/operations/:id/results', role: 'member' },
  { method: 'GET', path: '/api/v1/fields', role: 'member' },
  { method: 'POST', path: '/api/v1/fields', role: 'admin' },
  { method: 'PATCH', path: '/api/v1/fields/:id', role: 'admin' },
  { method: 'DELETE', path: '/api/v1/fields/:id', role: 'admin' },
  { method: 'POST', path: '/api/v1/fields/:id/restore', role: 'admin' },
  { method: 'POST', path: '/api/v1/operations/:id/undo', role: 'member' },
  { method: 'POST', path: '/api/v1/leads/:id/history/:entryId/undo', role: 'member' },
  { method: 'POST', path: '/api/v1/deals/:id/history/:entryId/undo', role: 'member' },
  { method: 'GET', path: '/api/v1/views', role: 'member' },
  { method: 'POST', path: '/api/v1/views', role: 'member' },
  { method: 'DELETE', path: '/api/v1/views/:id', role: 'member' },
  { method: 'GET', path: '/api/v1/leads', role: 'member' },
  { method: 'POST', path: '/api/v1/leads', role: 'member' },
  { method: 'GET', path: '/api/v1/leads/export', role: 'member' },
  { method: 'POST', path: '/api/v1/leads/bulk', role: 'member' },
  { method: 'POST', path: '/api/v1/leads/import', role: 'member' },
  { method: 'GET', path: '/api/v1/leads/:id', role: 'member' },
  { method: 'GET', path: '/api/v1/leads/:id/history', role: 'member' },
  { method: 'PATCH', path: '/api/v1/leads/:id', role: 'member' },
  { method: 'GET', path: '/api/v1/deals', role: 'member' },
  { method: 'POST', path: '/api/v1/deals', role: 'member' },
  { method: 'GET', path: '/api/v1/deals/export', role: 'member' },
  { method: 'POST', path: '/api/v1/deals/bulk', role: 'member' },
  { method: 'GET', path: '/api/v1/deals/:id', role: 'member' },
  { method: 'GET', path: '/api/v1/deals/:id/history', role: 'member' },
  { method: 'PATCH', path: '/api/v1/deals/:id', role: 'member' },
  { method: 'DELETE', path: '/api/v1/deals/:id', role: 'member' },
  { method: 'DELETE', path: '/api/v1/leads/:id', role: 'member' },
]

const patterns = policy.map(({ method, path }) => ({ method, parts: path.split('/') }))

/** @returns the methods that a path takes, none when there is no such path */
export function methodsOf(path: string): string[] {
  const parts = path.split('/')
  const fits = (pattern: string[]) =>
    pattern.length === parts.length &&
    pattern.every(
      (part, index) => part === parts[index] || (part.startsWith(':') && parts[index] !== ''),
    )
  return [
    ...new Set(patterns.filter(pattern => fits(pattern.parts)).map(pattern => pattern.method)),
  ]
}
