/** /settings/account */
export const account = {
  title: 'Account',
  intro: 'Your account and your active sessions.',
  menu: 'Active sessions',
  you: {
    title: 'You',
    email: 'E-mail',
    role: 'Role',
    partner: 'Partner',
    memberText: 'Members see everything. Only an admin can connect, map or disconnect HubSpot.',
  },
  sessions: {
    title: 'Active sessions',
    text:
      'Every browser and program that is signed in to your account. End any session you do ' +
      'not recognise; it is signed out immediately.',
    current: 'This device',
    unknown: 'Unknown browser',
    signedIn: 'Signed in',
    lastSeen: 'Last seen',
    end: 'End',
    endOf: (browser: string) => `End the session of ${browser}`,
    ended: 'Session ended',
    endedText: 'That browser is signed out of your account.',
    everywhere: 'Sign out everywhere',
  },
} as const
