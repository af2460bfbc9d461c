import { z } from 'zod'

/** Every code that the API answers with, and its HTTP status. Stable: programs branch on them. */
export const errorStatus = {
  validation_failed: 422,
  field_not_editable: 422,
  weak_password: 422,
  not_signed_in: 401,
  invalid_credentials: 401,
  invalid_signature: 401,
  second_factor_required: 401,
  too_many_attempts: 429,
  forbidden: 403,
  csrf_rejected: 403,
  step_up_required: 403,
  passkey_required: 403,
  not_found: 404,
  token_route_disabled: 404,
  method_not_allowed: 405,
  permission_missing: 409,
  out_of_scope: 409,
  stale_revision: 409,
  last_admin: 409,
  name_taken: 409,
  idempotency_key_reused: 409,
  hubspot_not_connected: 409,
  hubspot_connected: 409,
  hubspot_reauthorization_required: 409,
  sync_paused: 409,
  write_back_off: 409,
  link_invalid: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  internal_error: 500,
  hubspot_unavailable: 503,
  hubspot_rate_limited: 503,
  database_unavailable: 503,
} as const
export type ErrorCode = keyof typeof errorStatus

export const ApiError = z.object({
  statusCode: z.number().int(),
  statusMessage: z.string(),
  message: z.string(),
  data: z.looseObject({ code: z.string(), correlationId: z.string() }),
})
export type ApiError = z.infer<typeof ApiError>
