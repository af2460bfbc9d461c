/** /settings/account */
export const account = {
  title: 'Account',
  intro: 'Who you are here, and where you are signed in.',
  menu: 'Where you are signed in',
  you: {
    title: 'You',
    email: 'E-mail',
    role: 'Role',
    partner: 'Partner',
    memberText: 'Members see everything. Connecting, mapping and disconnecting is up to an admin.',
  },
  sessions: {
    title: 'Where you are signed in',
    text: 'Every browser and program that uses your account. End what you do not recognise; it counts at once.',
    current: 'This one',
    unknown: 'Unknown browser',
    signedIn: 'Signed in',
    lastSeen: 'Last seen',
    end: 'End',
    endOf: (browser: string) => `End the session of ${browser}`,
    ended: 'Session ended',
    endedText: 'It can do nothing more with your account.',
    everywhere: 'Sign out everywhere',
  },
} as const
