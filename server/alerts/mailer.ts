import { createTransport } from 'nodemailer'

export interface Mail {
  to: string[]
  subject: string
  text: string
}

/** Sends e-mail. @throws when the SMTP server does not take it */
export interface Mailer {
  send(mail: Mail): Promise<void>
  /** @throws when the SMTP server cannot be reached or refuses the sign-in */
  verify(): Promise<void>
  close(): void
}

/**
 * For connecting, for the greeting, and for a silence in between: an alert must not hold up the
 * scheduler.
 */
const smtpTimeoutMs = 10_000

/** @returns `null` where the operator configured no mail server */
export function mailerFor({
  smtpUrl,
  from,
}: {
  smtpUrl: string | null
  from: string | null
}): Mailer | null {
  return smtpUrl && from ? createMailer({ smtpUrl, from }) : null
}

/**
 * @param smtpUrl `smtp://user:password@host:587` or `smtps://…`
 * @param from sender address
 */
export function createMailer({ smtpUrl, from }: { smtpUrl: string; from: string }): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: smtpTimeoutMs,
    greetingTimeout: smtpTimeoutMs,
    socketTimeout: smtpTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text }) {
      await transport.sendMail({
        from,
        to,
        subject: `[Partner Connector] ${subject}`,
        text,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    },
    async verify() {
      await transport.verify()
    },
    close: () => transport.close(),
  }
}
