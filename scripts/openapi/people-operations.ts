import type { OperationNotes } from './notes'

const nothing = { status: 204, description: 'Done; no body' }

/** Sign-in by passkey, password, people, audit log and service keys. */
export const peopleOperations: Record<string, OperationNotes> = {
  'POST /api/v1/auth/invitation': {
    tag: 'Sign-in',
    summary: 'Take an invitation up',
    description:
      'Signs in. Without a password the person adds a passkey next. A link that was used or is ' +
      'too old answers 410 `link_invalid`, a poor password 422 `weak_password`.',
  },
  'POST /api/v1/auth/password': {
    tag: 'Sign-in',
    summary: 'Change my password',
    description:
      'The other sessions end. A wrong present password answers 401 `invalid_credentials`, a ' +
      'poor new one 422 `weak_password`.',
    answer: nothing,
  },
  'POST /api/v1/auth/password/reset-request': {
    tag: 'Sign-in',
    summary: 'Ask for a link to set a new password',
    description: 'Answers the same whether there is such an account or not.',
  },
  'POST /api/v1/auth/password/reset': {
    tag: 'Sign-in',
    summary: 'Set a new password by a link',
    description: 'All sessions end. The link counts once, within an hour.',
    answer: nothing,
  },
  'GET /api/v1/auth/step-up': {
    tag: 'Sign-in',
    summary: 'Until when my last proof of who I am lasts',
  },
  'POST /api/v1/auth/step-up': {
    tag: 'Sign-in',
    summary: 'Prove again who I am',
    description:
      'By the password or a passkey. It lasts five minutes, as a sign-in does; what needs it ' +
      'answers 403 `step_up_required` without.',
  },
  'POST /api/v1/auth/step-up/options': {
    tag: 'Sign-in',
    summary: 'What a passkey has to sign for a step-up',
  },
  'POST /api/v1/auth/passkeys/registration/options': {
    tag: 'Sign-in',
    summary: 'What a new passkey has to sign',
  },
  'POST /api/v1/auth/passkeys/sign-in/options': {
    tag: 'Sign-in',
    summary: 'What a passkey has to sign for a sign-in',
  },
  'POST /api/v1/auth/passkeys/sign-in': {
    tag: 'Sign-in',
    summary: 'Sign in by a passkey',
    description: 'Whatever is wrong answers 401 `invalid_credentials`. A challenge counts once.',
  },
  'POST /api/v1/auth/passkeys/recover': {
    tag: 'Sign-in',
    summary: 'Sign in by a recovery code, in place of a lost passkey',
    description: 'With the password where the account has one. A code counts once.',
  },
  'POST /api/v1/auth/passkeys/recovery-codes': {
    tag: 'Sign-in',
    summary: 'New recovery codes',
    description: 'Those before count no more.',
  },
  'GET /api/v1/auth/passkeys': { tag: 'Sign-in', summary: 'My passkeys' },
  'POST /api/v1/auth/passkeys': {
    tag: 'Sign-in',
    summary: 'Add a passkey',
    description: 'With the first one come recovery codes, once.',
  },
  'PATCH /api/v1/auth/passkeys/{id}': { tag: 'Sign-in', summary: 'Rename one of my passkeys' },
  'DELETE /api/v1/auth/passkeys/{id}': {
    tag: 'Sign-in',
    summary: 'Remove one of my passkeys',
    answer: nothing,
  },
  'GET /api/v1/users': { tag: 'People', summary: "The organisation's people" },
  'GET /api/v1/users/rules': { tag: 'People', summary: 'How people have to sign in' },
  'PUT /api/v1/users/rules': {
    tag: 'People',
    summary: 'Ask people for a passkey, or no longer',
  },
  'POST /api/v1/users/invitations': {
    tag: 'People',
    summary: 'Invite somebody',
    description:
      'By e-mail; where none can be sent the answer has the link. It counts once, for 72 hours. ' +
      'The same address again gets a new link.',
  },
  'PATCH /api/v1/users/{id}': {
    tag: 'People',
    summary: "Change somebody's role, or disable them",
    description: 'Who is disabled is signed out. The last admin answers 409 `last_admin`.',
  },
  'DELETE /api/v1/users/{id}': {
    tag: 'People',
    summary: 'Remove somebody',
    description: 'The last admin answers 409 `last_admin`.',
    answer: nothing,
  },
  'DELETE /api/v1/users/{id}/sessions': { tag: 'People', summary: 'Sign somebody out' },
  'POST /api/v1/users/{id}/password-reset': {
    tag: 'People',
    summary: 'Let somebody set a new password',
    description: 'By e-mail; where none can be sent the answer has the link.',
  },
  'GET /api/v1/audit': {
    tag: 'People',
    summary: 'The audit log',
    description:
      'Newest first. `actor` is an id or an e-mail address. With `Accept: text/csv` all lines ' +
      'of the filter as CSV.',
  },
  'GET /api/v1/service-keys': { tag: 'People', summary: 'Service keys' },
  'POST /api/v1/service-keys': {
    tag: 'People',
    summary: 'Make a service key',
    description: 'The key is in this answer and nowhere else.',
  },
  'DELETE /api/v1/service-keys/{id}': {
    tag: 'People',
    summary: 'Revoke a service key',
    answer: nothing,
  },
}
