import type { CallbackError } from '../../contracts/connection'
import type { ErrorCode } from '../../contracts/errors'

/** What happened and what to do next. */
export interface Explanation {
  title: string
  next: string
}

/**
 * Every code of the API in words. The server's own sentence is used where it says more
 * (`validation_failed`).
 */
export const apiErrors: Record<ErrorCode, Explanation> = {
  validation_failed: {
    title: 'Please check the form',
    next: 'Correct the marked fields and save again.',
  },
  field_not_editable: {
    title: 'This field is changed in HubSpot',
    next: 'Change it there. An admin can open it for changes here in the field mapping.',
  },
  weak_password: {
    title: 'This password is too easy to guess',
    next: 'Choose a longer one, without your name, address or organisation.',
  },
  not_signed_in: { title: 'Your session has ended', next: 'Sign in again to continue.' },
  invalid_credentials: {
    title: 'E-mail address or password is incorrect',
    next: 'Check both and try again.',
  },
  second_factor_required: {
    title: 'The password is right',
    next: 'Now use your passkey, or a recovery code.',
  },
  invalid_signature: { title: 'The request was not signed correctly', next: 'Try again.' },
  too_many_attempts: { title: 'Too many attempts', next: 'Wait a few minutes, then try again.' },
  forbidden: {
    title: 'You are not allowed to do this',
    next: 'Ask an admin of your organisation.',
  },
  step_up_required: {
    title: 'Confirm that it is you',
    next: 'Enter your password or use a passkey, then try again.',
  },
  passkey_required: {
    title: 'Your organisation asks for a passkey',
    next: 'Add one on your account page first.',
  },
  csrf_rejected: {
    title: 'The request did not come from this page',
    next: 'Reload the page and try again.',
  },
  permission_missing: {
    title: 'HubSpot has not allowed this yet',
    next: 'An admin can connect again and allow it.',
  },
  out_of_scope: {
    title: 'This record is not synced',
    next: 'Change it in HubSpot, or ask an admin to widen the scope.',
  },
  not_found: { title: 'This no longer exists', next: 'Reload the page to see what is there now.' },
  token_route_disabled: {
    title: 'The token route is turned off',
    next: 'An operator can turn it on.',
  },
  method_not_allowed: {
    title: 'This action is not available here',
    next: 'Reload the page and try again.',
  },
  stale_revision: {
    title: 'Somebody else has changed this record',
    next: 'You now see their version. Make your change again if you still want it.',
  },
  last_admin: {
    title: 'This is the last admin',
    next: 'Make somebody else an admin first.',
  },
  name_taken: {
    title: 'This name is in use',
    next: 'Choose another one.',
  },
  link_invalid: {
    title: 'This link no longer works',
    next: 'It was used already or is too old. Ask for a new one.',
  },
  idempotency_key_reused: {
    title: 'This draft was saved before with other contents',
    next: 'Close it, look at the record, and make a new one if you still need it.',
  },
  hubspot_not_connected: { title: 'HubSpot is not connected', next: 'Connect HubSpot first.' },
  hubspot_connected: {
    title: 'HubSpot is connected',
    next: 'Disconnect it first. Otherwise the next sync imports the records again.',
  },
  hubspot_reauthorization_required: {
    title: 'HubSpot no longer accepts our access',
    next: 'Re-authorize HubSpot. Nothing is lost.',
  },
  sync_paused: { title: 'Syncing is paused', next: 'Resume it first.' },
  write_back_off: { title: 'Write-back is off', next: 'Turn it on in the settings first.' },
  payload_too_large: { title: 'The request is too large', next: 'Make it smaller and try again.' },
  unsupported_media_type: {
    title: 'The request had the wrong format',
    next: 'Reload the page and try again.',
  },
  internal_error: {
    title: 'Something went wrong on our side',
    next: 'The error has been logged. Try again in a moment.',
  },
  hubspot_unavailable: {
    title: 'HubSpot is not responding right now',
    next: 'Nothing is lost. Try again in a minute.',
  },
  hubspot_rate_limited: {
    title: 'HubSpot asked us to slow down',
    next: 'Try again in a few seconds.',
  },
  database_unavailable: {
    title: 'We cannot reach our own data right now',
    next: 'Nothing is lost. Try again in a moment.',
  },
}

export const networkError: Explanation = {
  title: 'The server could not be reached',
  next: 'Check your internet connection and try again.',
}
export const unknownError: Explanation = {
  title: 'That did not work',
  next: 'Try again in a moment.',
}

/** What `?error=` of the OAuth callback means. `retry`: trying again from the page can help. */
export const callbackErrors: Record<CallbackError, Explanation & { retry: boolean }> = {
  access_denied: {
    title: 'HubSpot was not connected: access was declined',
    next:
      'Nothing was changed. Connect again when you are ready, and choose “Connect app” on ' +
      'HubSpot’s page.',
    retry: true,
  },
  provider_error: {
    title: 'HubSpot reported a problem',
    next: 'This usually lasts less than a minute. Try again. If it keeps failing, see Health.',
    retry: true,
  },
  missing_code: {
    title: 'HubSpot’s answer was incomplete',
    next: 'Select Connect on this page to start again.',
    retry: true,
  },
  invalid_state: {
    title: 'This connection attempt has expired',
    next:
      'It was older than ten minutes, was already used, or was started in another browser. ' +
      'Select Connect on this page to start again.',
    retry: true,
  },
  token_exchange_failed: {
    title: 'HubSpot did not complete the connection',
    next: 'Nothing was stored. Try again. If it keeps failing, see Health.',
    retry: true,
  },
  insufficient_scope: {
    title: 'HubSpot granted fewer permissions than needed',
    next: 'A HubSpot super admin must accept all permissions. Connect again with such an account.',
    retry: true,
  },
  portal_in_use: {
    title: 'This HubSpot account is connected to another organisation',
    next: 'Disconnect it there first, or choose another HubSpot account.',
    retry: true,
  },
  portal_changed: {
    title: 'You chose a different HubSpot account than before',
    next: 'Nothing has changed yet. Choose below which account to use.',
    retry: false,
  },
  database_unavailable: {
    title: 'We could not reach our own data when HubSpot sent you back',
    next: 'If HubSpot is not shown as connected below, select Connect once more.',
    retry: true,
  },
  not_signed_in: {
    title: 'You were signed out in the meantime',
    next: 'You are signed in again. Connect HubSpot once more.',
    retry: true,
  },
  too_many_attempts: {
    title: 'Too many connection attempts',
    next: 'Wait a minute, then start again.',
    retry: true,
  },
  forbidden: {
    title: 'Only an admin can connect HubSpot',
    next: 'Ask an admin of your organisation to connect it.',
    retry: false,
  },
}

export const unknownCallbackError: Explanation & { retry: boolean } = {
  title: 'HubSpot was not connected',
  next: 'Try again. If it keeps failing, see Health.',
  retry: true,
}
