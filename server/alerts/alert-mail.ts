import type { AlertRule } from './kinds'
import type { Mail } from './mailer'

/**
 * The e-mail that tells of an alert. Subjects stand in `kinds.ts`; what happened is the message of
 * whoever raised the alert.
 * @param origin scheme and host of the app, for the link
 * @returns `null` where alerts of this kind send none
 */
export function alertMail(
  message: string,
  { subject, path, isNews }: Pick<AlertRule, 'subject' | 'path' | 'isNews'>,
  origin: string,
): Omit<Mail, 'to'> | null {
  if (subject === null) return null
  const whatNext = isNews
    ? 'If this was not meant to happen, end the sessions of the person and look into the audit log.'
    : 'This is sent once; the notice goes away by itself once the problem is solved.'
  return { subject, text: `${message}\n\n${origin}${path}\n\n${whatNext}\n` }
}
