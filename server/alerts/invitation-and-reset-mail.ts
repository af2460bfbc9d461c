import type { PersonalMail } from '../accounts/people/mail'
import { errorFields, type Log } from '../observability/log'
import type { Mail, Mailer } from './mailer'

export interface PersonalMailDeps {
  /** `null`: no e-mail can be sent */
  mailer: Mailer | null
  log: Log
}

/** Mail with a link for one person. Its text is in no log and in no database. */
export function createPersonalMail({ mailer, log }: PersonalMailDeps): PersonalMail {
  async function send(kind: string, mail: Mail): Promise<boolean> {
    if (!mailer) return false
    try {
      await mailer.send(mail)
      return true
    } catch (error) {
      log.error(
        { event: 'mail_not_sent', kind, ...errorFields(error) },
        'An e-mail to a person could not be sent',
      )
      return false
    }
  }

  return {
    invitation: ({ to, partnerName, by, link }) =>
      send('invitation', {
        to: [to],
        subject: 'You are invited',
        text: [
          `${by} invites you to work with the leads and deals of ${oneLine(partnerName)}.`,
          `Open this link within three days; it works once:\n${link}`,
          'If you did not expect this, ignore it. Nothing happens without you.',
        ].join('\n\n'),
      }),
    passwordReset: ({ to, link }) =>
      send('password_reset', {
        to: [to],
        subject: 'Set a new password',
        text: [
          `Open this link within an hour to set a new password; it works once:\n${link}`,
          'If you did not ask for this, ignore it. Your password stays as it is.',
        ].join('\n\n'),
      }),
  }
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ')
