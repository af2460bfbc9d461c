import type { AlertRule } from './kinds'
import type { Mail } from './mailer'

type Written = Omit<Mail, 'to'>
type Rule = Pick<AlertRule, 'subject' | 'path' | 'isNews' | 'isSecurity'>

const preferencesPath = '/settings/notices'

/**
 * The e-mail that tells of an alert. Subjects stand in `kinds.ts`; what happened is the message of
 * whoever raised the alert.
 * @param origin scheme and host of the app, for the link
 * @returns `null` where alerts of this kind send none
 */
export function alertMail(
  message: string,
  { subject, path, isNews, isSecurity }: Rule,
  origin: string,
): Written | null {
  if (subject === null) return null
  const whatNext = isSecurity
    ? 'If this was not meant to happen, end the sessions of the person and look into the audit log.'
    : isNews
      ? `Which notices you get by e-mail: ${origin}${preferencesPath}`
      : 'This is sent once; the notice goes away by itself once the problem is solved.'
  return { subject, text: `${message}\n\n${origin}${path}\n\n${whatNext}\n` }
}

/** The e-mail that tells of several things at once: many came together, or it is the daily one. */
export function digestMail(
  items: readonly { message: string; path: string }[],
  origin: string,
): Written {
  const count = items.length
  return {
    subject: `${count} ${count === 1 ? 'notice' : 'notices'} about HubSpot`,
    text:
      items.map(({ message, path }) => `- ${message}\n  ${origin}${path}`).join('\n\n') +
      `\n\nWhich notices you get by e-mail: ${origin}${preferencesPath}\n`,
  }
}
