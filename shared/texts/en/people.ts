/** People, how they sign in, the audit log and service keys. */
export const people = {
  title: 'People',
  intro: 'Who works with your leads and deals, and what they may do.',
  invite: {
    title: 'Invite somebody',
    text: 'They get a link that works once, for three days.',
    email: 'E-mail address',
    role: 'Role',
    submit: 'Send invitation',
    sent: 'Invitation sent',
    sentTo: (email: string) => `${email} has an e-mail with a link.`,
  },
  link: {
    title: 'Copy this link now',
    text: (email: string) =>
      `No e-mail could be sent. Give this link to ${email} yourself. It is shown once.`,
    label: 'Link',
    copy: 'Copy link',
    copied: 'Copied',
    copyFailed:
      'The browser did not let us copy. It is marked: copy it with the keyboard or the menu.',
  },
  list: {
    title: 'People',
    lastSeen: 'Last seen',
    never: 'Never signed in',
    passkeys: (count: number) =>
      count === 0 ? 'no passkey' : count === 1 ? '1 passkey' : `${count} passkeys`,
    you: 'You',
    disabled: 'Disabled',
    invited: 'Invited',
    expired: 'Invitation expired',
    makeAdmin: 'Make admin',
    makeMember: 'Make member',
    disable: 'Disable',
    enable: 'Enable',
    endSessions: 'Sign out',
    reset: 'New password link',
    inviteAgain: 'Invite again',
    remove: 'Remove',
    of: (action: string, email: string) => `${action}: ${email}`,
    changed: 'Saved',
    signedOut: (email: string) => `${email} is signed out everywhere.`,
    resetSent: (email: string) => `${email} has an e-mail with a link.`,
    removed: 'Removed',
    removedText: (email: string) => `${email} can no longer sign in.`,
  },
  removeDialog: {
    title: (email: string) => `Remove ${email}?`,
    text:
      'They are signed out at once, and their passkeys are removed. What they did stays in the ' +
      'histories. You can invite them again.',
    confirm: 'Remove',
  },
  rules: {
    title: 'Passkeys for everybody',
    text:
      'When this is on, people without a passkey can do nothing but add one. Add one to your own ' +
      'account first.',
    label: 'Ask everybody for a passkey',
  },
} as const

export const audit = {
  title: 'Audit log',
  intro: 'Who did what, when, and from where.',
  person: 'Person',
  personHint: 'E-mail address',
  action: 'Action',
  actionHint: 'Such as user.invited',
  from: 'From',
  to: 'To',
  filter: 'Filter',
  csv: 'Download CSV',
  when: 'When',
  who: 'Who',
  what: 'What',
  target: 'On what',
  address: 'From where',
  system: 'System',
  refused: 'refused',
  failed: 'failed',
  empty: 'Nothing here',
  emptyText: 'No line fits this filter.',
  more: 'Show more',
} as const

export const keys = {
  title: 'Service keys',
  intro:
    "For your own programs: they call the API with 'Authorization: Bearer' and a key. Each key " +
    'opens only what you choose.',
  name: 'Name',
  scopes: 'May',
  scope: {
    'token:read': 'get HubSpot access tokens',
    'leads:read': 'read leads and deals',
    'leads:write': 'create and change leads and deals',
    'sync:start': 'start a sync',
  },
  expires: 'Valid until',
  expiresHint: 'Empty: until it is revoked',
  create: 'Make key',
  shownOnce: 'Copy this key now',
  shownOnceText: 'It is shown once. Only a digest of it is stored.',
  key: 'Key',
  lastUsed: 'Last used',
  neverUsed: 'Never used',
  revoke: 'Revoke',
  revokeOf: (name: string) => `Revoke ${name}`,
  revoked: 'Key revoked',
  none: 'No keys yet.',
} as const

export const stepUp = {
  title: 'Confirm that it is you',
  text: 'This needs a fresh proof. It lasts five minutes.',
  password: 'Your password',
  submit: 'Confirm',
  passkey: 'Use a passkey',
} as const

export const signIn = {
  passkey: 'Sign in with a passkey',
  forgot: 'Forgot your password?',
  lost: 'Lost your passkey?',
  again: {
    title: 'Your session has ended',
    text: (email: string) =>
      `Sign in again as ${email} to go on. What you typed on this page is kept.`,
    leave: 'Leave this page',
  },
  secondFactor: 'Your password is right. Now use your passkey.',
  cancelled: {
    title: 'The passkey was not used',
    next: 'Try again, or sign in in another way.',
  },
  recover: {
    title: 'Use a recovery code',
    intro: 'Enter one of the codes that you got with your passkey. Each one works once.',
    email: 'E-mail address',
    code: 'Recovery code',
    password: 'Password, if you have one',
    submit: 'Sign in',
    back: 'Back to sign-in',
  },
  reset: {
    askTitle: 'Set a new password',
    askIntro: 'We send you a link that works once, for an hour.',
    email: 'E-mail address',
    askSubmit: 'Send link',
    asked: 'If this address has an account, a link is on its way.',
    askedText:
      'Look into your mail. If nothing arrives, ask an admin of your organisation for a link.',
    title: 'Choose a new password',
    intro: 'At least 12 characters. Every other session ends.',
    password: 'New password',
    submit: 'Save password',
    done: 'Your password is saved',
    doneText: 'Sign in with it now.',
  },
  invitation: {
    title: 'Welcome',
    intro: 'You are invited. Choose how you want to sign in from now on.',
    withPasskey: 'Use a passkey',
    withPasskeyText: 'A finger, a face or a PIN of this device. Nothing to remember.',
    withPassword: 'Choose a password',
    passwordHint: 'At least 12 characters.',
    submit: 'Save and sign in',
    missing: 'This link is not whole. Open it again from your e-mail.',
  },
} as const

export const ownSignIn = {
  password: {
    title: 'Password',
    text: 'At least 12 characters. Your other sessions end.',
    current: 'Present password',
    next: 'New password',
    submit: 'Change password',
    done: 'Password changed',
    doneText: 'Your other sessions have ended.',
    none: 'You have no password. Use “Forgot your password?” on the sign-in page to set one.',
  },
  passkeys: {
    title: 'Passkeys',
    text:
      'Sign in with a finger, a face or the PIN of a device. With a passkey, your password alone ' +
      'no longer signs you in.',
    required: 'Your organisation asks for a passkey. Add one to go on.',
    name: 'Name of the new passkey',
    defaultName: 'This device',
    add: 'Add a passkey',
    added: 'Passkey added',
    addedText: 'You can sign in with it from now on.',
    created: 'Added',
    lastUsed: 'Last used',
    remove: 'Remove',
    removeOf: (name: string) => `Remove ${name}`,
    removed: 'Passkey removed',
    none: 'No passkey yet.',
  },
  codes: {
    title: 'Recovery codes',
    text: (left: number) =>
      `For the day you lose your passkey. ${left} of them ${left === 1 ? 'is' : 'are'} left.`,
    renew: 'Make new codes',
    shown: 'Keep these codes in a safe place',
    shownText: 'They are shown once. Each one signs you in once.',
    kept: 'I have kept them',
  },
} as const
