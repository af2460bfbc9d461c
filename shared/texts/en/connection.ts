import { synchronization } from './synchronization'

/** /settings/hubspot */
export const connection = {
  title: 'Connection',
  connect: 'Connect HubSpot',
  connecting: 'Taking you to HubSpot…',
  reauthorize: 'Re-authorize HubSpot',
  intro: {
    title: 'Connect your HubSpot account',
    text:
      'Your contacts become leads here and your deals come with them. Nothing is written ' +
      'to HubSpot until you turn that on.',
    chooseFirst: 'Choose records first',
    after: 'You choose the account on HubSpot’s own page. It takes about a minute.',
    memberTitle: 'HubSpot is not connected yet',
    memberText: 'An admin of your organisation can connect it on this page.',
    disconnectedTitle: 'HubSpot is disconnected',
    disconnectedText:
      'Your leads, their links and your mappings are still here. When you connect the ' +
      'same account again, syncing continues where it stopped.',
  },
  permissions: {
    title: 'What we ask for, and why',
    reads: 'Read',
    writes: 'Write, after you turn it on',
    optional: 'Optional',
    always: 'Always',
    scopes: {
      oauth: { what: 'Sign in with HubSpot', why: 'to know which account you connected' },
      'crm.objects.contacts.read': { what: 'Contacts', why: 'become your leads' },
      'crm.objects.contacts.write': {
        what: 'Contacts',
        why: 'receive the changes you make to a lead here',
      },
      'crm.objects.deals.read': { what: 'Deals', why: 'are shown with their leads' },
      'crm.objects.deals.write': {
        what: 'Deals',
        why: 'receive stage, amount and date when you change them here',
      },
      'crm.schemas.contacts.read': {
        what: 'Contact properties',
        why: 'to map fields by their names',
      },
      'crm.schemas.deals.read': {
        what: 'Pipelines and deal properties',
        why: 'to map your stages',
      },
      'crm.objects.owners.read': { what: 'Owners', why: 'to show who owns a record' },
    } as Record<string, { what: string; why: string }>,
  },
  never: {
    title: 'What we never do',
    items: [
      'Nothing is deleted in HubSpot, unless somebody here asks for it.',
      'Nothing is written to HubSpot until an admin turns that on, after a preview.',
      'E-mails, notes, calls and files are not read.',
      'We never see your HubSpot password, and we store our access encrypted.',
    ],
  },
  facts: {
    title: 'HubSpot account',
    portal: 'Account',
    id: (id: string) => `ID ${id}`,
    type: 'Account type',
    sandbox: 'Sandbox',
    production: 'Production',
    developer: 'Developer test account',
    hublet: 'Data location',
    by: 'Connected by',
    since: 'Connected',
    lastSynced: 'Last synced',
    nextSync: 'Next sync',
    notYet: 'not yet',
    whenResumed: 'when you resume',
    whenReauthorized: 'once re-authorized',
    withdrawn: 'Removed in HubSpot',
    now: 'running now',
    soon: 'shortly',
    permissions: 'Permissions',
    allGranted: 'All granted',
    missing: (count: number) => (count === 1 ? '1 missing' : `${count} missing`),
    open: 'Open in HubSpot',
  },
  ...synchronization,
  writeBack: {
    title: 'Write changes back to HubSpot',
    off: 'Off: we only read from HubSpot. Your edits wait here until you turn this on.',
    on: 'On: edits, new leads and new deals here reach HubSpot within seconds.',
    mapFirst: 'First check that each HubSpot stage is mapped to one of yours:',
    mapLink: 'open the mapping',
    preview: 'Preview and turn on',
    previewAgain: 'Preview the next sync',
    switchOff: 'Turn off',
    onToast: 'Write-back is on',
    offToast: 'Write-back is off',
    dialogTitle: 'What the next sync would do',
    dialogText: 'This only looks. Nothing has been written.',
    firstTitle: 'What the first import would do',
    firstText: 'Nothing has been imported or written yet.',
    accept: 'Turn write-back on',
    offTitle: 'Turn write-back off?',
    offText: 'We then only read from HubSpot. What was written stays, and new edits wait here.',
  },
  preview: {
    contacts: 'Contacts and leads',
    deals: 'Deals',
    inbound: 'From HubSpot',
    outbound: 'To HubSpot',
    actions: {
      link: 'Link',
      create: 'Create',
      update: 'Change',
      unchanged: 'Leave as is',
      skip: 'Skip',
      conflict: 'Conflict',
    },
    sentences: {
      none: 'none',
      outbound: {
        changed: (object: 'contacts' | 'deals', count: string, value: number) =>
          value === 0
            ? `No ${object === 'contacts' ? 'contact' : 'deal'} will change in HubSpot`
            : `${count} ${value === 1 ? object.slice(0, -1) : object} will change in HubSpot`,
        created: (count: string) => `${count} will be created there`,
      },
      inbound: {
        changed: (object: 'contacts' | 'deals', count: string, value: number) => {
          const ours = object === 'contacts' ? 'lead' : 'deal'
          return value === 0
            ? `No ${ours} will change here`
            : `${count} ${value === 1 ? ours : `${ours}s`} will change here`
        },
        created: (count: string) => `${count} will be added`,
      },
      linked: (count: string) => `${count} will be linked`,
      partial: (object: 'contacts' | 'deals', examined: string) =>
        `There are more ${object} than were looked at: the numbers count the first ${examined} only.`,
    },
    partialTitle: 'This preview is a part of it',
    complete: 'Every record was looked at.',
    csv: 'Every change as CSV',
    samples: 'Samples',
    empty: 'empty',
    becomes: 'becomes',
    loading: 'Comparing with HubSpot…',
  },
  trouble: {
    revokedTitle: 'HubSpot no longer gives us access',
    revokedText:
      'Syncing has stopped, and nothing is lost. Re-authorize HubSpot to continue where ' +
      'it stopped.',
    degradedTitle: 'HubSpot is not answering as it should',
    degradedText: 'We keep trying. You do not need to do anything unless this lasts.',
    since: 'Since',
    missingTitle: 'Some permissions are missing',
    missingText:
      'Part of the sync does not work without them. Re-authorize HubSpot and accept all ' +
      'permissions.',
    memberNext: 'An admin of your organisation can re-authorize HubSpot here.',
    reasons: {
      grant_revoked: 'The permission was removed in HubSpot, or the app was uninstalled there.',
      revoked: 'The permission was removed in HubSpot, or the app was uninstalled there.',
      invalid_grant: 'The permission was removed in HubSpot, or the app was uninstalled there.',
      hubspot_reauthorization_required:
        'The permission was removed in HubSpot, or the app was uninstalled there.',
      insufficient_scope: 'A permission that we need was removed.',
      missing_scopes: 'A permission that we need was removed.',
      hubspot_unavailable: 'HubSpot returns errors or does not answer.',
      hubspot_rate_limited: 'HubSpot asked us to slow down.',
      config: 'An operator has to check our app’s settings in HubSpot.',
    } as Record<string, string>,
  },
  install: {
    title: 'Install from HubSpot',
    question: (partner: string) => `Connect HubSpot to ${partner}?`,
    text:
      'HubSpot’s marketplace has started to install this app. If you continue, you go back to ' +
      'HubSpot and choose the account there. If you did not start this, cancel: nothing is connected.',
    accept: 'Continue in HubSpot',
    membersOnly: 'Only an admin of your organization can connect HubSpot.',
    accountQuestion: (partner: string) => `Connect this HubSpot account to ${partner}?`,
    accountText:
      'HubSpot has given us access to this account. It counts only when you say yes. If it is not ' +
      'yours, say no: we give the access back.',
    accountName: 'Account',
    accountId: 'Account ID',
    acceptAccount: 'Connect this account',
    look: 'Look at the account',
    decline: 'No, give the access back',
    declined: 'We gave the access back. Nothing was connected.',
    nothingWaits:
      'No account waits for your answer. It may have been answered, or waited too long.',
    toSettings: 'To the HubSpot settings',
  },
  portalChanged: {
    title: 'This is a different HubSpot account',
    text: (before: string, now: string) =>
      `Until now you used account ${before}. You have now chosen account ${now}.`,
    what:
      'If you switch, leads and deals from the old account stay here but are no longer ' +
      'linked to HubSpot; the new account is imported as well. If this was a mistake, keep ' +
      'the old account: nothing has changed.',
    switch: (id: string) => `Switch to account ${id}`,
    switchGeneric: 'Use the new account',
    keep: 'Keep the old account',
    kept: 'The old account stays connected',
    keepTitle: 'Keep the old account?',
    keepText: (id: string) =>
      `We give up the access to account ${id} that you have just granted. Nothing ` +
      'changes for the old account.',
  },
  disconnect: {
    title: 'Disconnect',
    text: 'Stops all syncing and removes our access to your HubSpot account.',
    button: 'Disconnect HubSpot',
    dialogTitle: 'Disconnect HubSpot?',
    dialogText: 'You can connect again at any time.',
    endsTitle: 'This ends',
    ends: [
      'All syncing, in both directions',
      'Our access to your HubSpot account, which we remove there too',
    ],
    staysTitle: 'This stays',
    stays: [
      'All leads and deals you see here',
      'Their links to HubSpot, so that syncing can continue when you connect again',
      'Your stage and field mappings',
    ],
    copyTitle: 'Export a copy first',
    confirm: 'Disconnect',
    done: 'HubSpot is disconnected',
    doneText: 'Your leads and mappings are still here.',
  },
  erase: {
    title: 'Erase what was imported',
    text:
      'Everything that came from HubSpot is still here. If you no longer use HubSpot, you ' +
      'can erase it. Export a copy first if you may need it.',
    button: 'Erase imported records',
    dialogTitle: 'Erase everything that came from HubSpot?',
    dialogText:
      'This cannot be undone. Nothing changes in HubSpot. If you connect again, ' +
      'everything is imported again.',
    goesTitle: 'This is erased',
    goes: [
      'All leads and deals that are or were linked to HubSpot, with what you changed in them here',
      'HubSpot’s notifications and the sync’s position',
    ],
    staysTitle: 'This stays',
    stays: [
      'Leads and deals added here that never reached HubSpot',
      'Your stage and field mappings, and the audit log',
    ],
    word: 'erase',
    type: 'Type “erase” to confirm',
    confirm: 'Erase',
    progress: (count: string) => `${count} records erased so far…`,
    done: 'The imported records are erased',
    doneText: (leads: string, deals: string) => `${leads} leads and ${deals} deals are gone.`,
  },
  success: {
    title: 'HubSpot is connected',
    text: 'The first import has started. You can leave this page; the import continues.',
  },
  healthGlance: 'See health',
  seeLeads: 'See leads',
} as const
