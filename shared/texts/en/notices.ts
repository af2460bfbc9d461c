import type { NoticeDelivery, NoticeTiming, PreferenceKind } from '../../contracts/notices'

/** /settings/notices */
export const notices = {
  title: 'Notices',
  intro: 'How you and your colleagues hear that something about HubSpot needs a look.',
  mail: {
    title: 'Your e-mail',
    text: (email: string) =>
      `Goes to ${email}. When many notices come at once, they are put into one e-mail.`,
    none: 'This installation sends no e-mail. Notices show on the pages.',
    security:
      'E-mails to admins about sign-ins, exports and who is connected are always sent at once.',
    zone: (zone: string) =>
      zone === 'UTC'
        ? '7:00 is in UTC, as long as no HubSpot account has told its time zone.'
        : `7:00 is in the time zone of your HubSpot account, ${zone}.`,
    kinds: {
      reauthorization_required: 'HubSpot needs to be connected again',
      sync_stale: 'Nothing was synced for a while',
      mapping_drift: 'A mapped stage or property changed in HubSpot',
      sync_paused: 'Somebody paused syncing',
    } satisfies Record<PreferenceKind, string>,
    timings: {
      now: 'At once',
      daily: 'Once a day, at 7:00',
      off: 'No e-mail',
    } satisfies Record<NoticeTiming, string>,
    saved: 'Saved',
  },
  webhook: {
    title: 'Slack, or an address of your own',
    text:
      'Notices of your organisation are also sent to this address, as a message that Slack shows ' +
      'as it is. Every message is signed.',
    none: 'No address is set.',
    url: 'Address',
    urlHint: 'Begins with https://, such as that of an incoming webhook of Slack.',
    set: 'Set address',
    replace: 'Replace address',
    setBy: (email: string) => `Set by ${email},`,
    test: 'Send a test',
    remove: 'Remove',
    removed: 'The address is removed',
    secretTitle: 'Copy the secret now',
    secretText:
      'Your program checks with it that a message comes from us. It is shown once. Slack does not ' +
      'ask for it.',
    secret: 'Secret',
    last: 'Last message',
    never: 'Nothing was sent to it yet.',
    taken: 'was taken',
    notTaken: 'was not taken',
    answered: (status: number) => `The answer was ${status}.`,
    problems: {
      not_public: 'The address is not on the internet. Private addresses are not allowed.',
      no_such_host: 'There is no host of that name.',
      unreachable: 'The host could not be reached.',
      bad_certificate: 'The host’s certificate is not valid for this address.',
      timed_out: 'The host did not answer in time.',
      redirected: 'The host points to another address. Set that one here.',
      refused: 'The host refused the message.',
      unreadable: 'The stored address cannot be read any more. Set it again.',
    } satisfies Record<NonNullable<NoticeDelivery['problem']>, string>,
  },
} as const
