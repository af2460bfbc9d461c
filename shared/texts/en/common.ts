/** Words that belong to no subject of their own. */
export const common = {
  product: 'Partner Connector',
  skipToContent: 'Skip to content',
  navigation: 'Main',
  leads: 'Leads',
  hubspot: 'HubSpot',
  connection: 'Connection',
  mapping: 'Mapping',
  activity: 'Activity',
  failures: 'Failures',
  health: 'Health',
  hubspotPages: 'HubSpot pages',
  account: 'Account',
  signedInAs: 'Signed in as',
  role: { admin: 'Admin', member: 'Member' },
  signOut: 'Sign out',
  colorMode: { label: 'Appearance', system: 'System', light: 'Light', dark: 'Dark' },
  tryAgain: 'Try again',
  cancel: 'Cancel',
  close: 'Close',
  discard: 'Discard',
  undo: 'Undo',
  redo: 'Redo',
  dismiss: 'Dismiss',
  notices: 'Messages',
  standingNotices: 'Needs attention',
  open: 'Open',
  on: 'On',
  off: 'Off',
  pages: 'Pages',
  loading: 'Loading',
  none: '–',
  never: 'never',
  opensNewTab: '(opens in a new tab)',
  previous: 'Previous',
  next: 'Next',
  offline:
    'You are offline. What you see may be out of date. It refreshes when you are back online.',
  meanwhile: {
    named: (label: string) => `${label} was changed meanwhile`,
    changed: (label: string, value: string) =>
      `${label} was changed to “${value}” meanwhile. Which one stays?`,
    cleared: (label: string) => `${label} was cleared meanwhile. Which one stays?`,
    ours: 'Keep what I typed',
    theirs: 'Use the other value',
  },
  discardTyped: {
    title: 'Discard what you typed?',
    text: 'Your changes here are not saved.',
    stay: 'Keep editing',
    discard: 'Discard',
  },
  unsent: {
    title: 'Not saved yet',
    text:
      'There is no connection. What you typed is kept here and sent as soon as the connection is ' +
      'back.',
    retry: 'Send now',
  },
  unsavedLeave: 'You have unsaved changes. Leave without saving?',
  reference: (id: string) => `Reference ${id}`,
  range: (from: string, to: string, total: string | null) =>
    total === null ? `${from}–${to}` : `${from}–${to} of ${total}`,
} as const

/** error.vue */
export const errorPage = {
  notFound: {
    title: 'This page does not exist',
    text: 'Check the address, or go to the start page.',
  },
  unavailable: {
    title: 'We cannot reach our own data right now',
    text: 'Nothing is lost. Wait a moment and try again.',
  },
  forbidden: {
    title: 'You do not have access to this page',
    text: 'Ask an admin of your organisation.',
  },
  other: {
    title: 'Something went wrong on our side',
    text:
      'The error has been logged. Try again. If it happens again, contact support with the ' +
      'reference below.',
  },
  home: 'Go to the start page',
} as const

/** /login */
export const login = {
  title: 'Sign in',
  intro: 'Keep your HubSpot contacts and deals in step with your leads.',
  email: 'E-mail address',
  password: 'Password',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  submit: 'Sign in',
  demo: 'Demo accounts',
  demoText: 'This is a demo installation. One click signs you in.',
  demoSignIn: (role: string) => `Sign in as ${role}`,
  missing: 'Enter your e-mail address and password.',
  expired: 'Your session has ended. Sign in again to continue.',
} as const
