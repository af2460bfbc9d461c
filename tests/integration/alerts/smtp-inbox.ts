import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  from: string
  to: string[]
  subject: string
  body: string
}

export interface SmtpInbox {
  url: string
  mails: ReceivedMail[]
  /** Refuses so many of the next messages with a temporary error */
  refuse(count: number): void
  close(): Promise<void>
}

/** A mail server on a loopback port of its own that keeps what it is sent. */
export async function startSmtpInbox(): Promise<SmtpInbox> {
  const mails: ReceivedMail[] = []
  let refusals = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, callback) {
      void text(stream).then(raw => {
        if (refusals > 0) {
          refusals--
          return callback(Object.assign(new Error('Try again later'), { responseCode: 451 }))
        }
        const split = raw.indexOf('\r\n\r\n')
        const headers = raw.slice(0, split).replace(/\r\n[ \t]+/g, ' ')
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          subject: /^Subject: (.*)$/m.exec(headers)?.[1]?.trim() ?? '',
          body: raw
            .slice(split + 4)
            .replace(/=\r\n/g, '')
            .replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
              String.fromCharCode(Number.parseInt(hex, 16)),
            ),
        })
        callback()
      }, callback)
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve())
  })
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuse(count) {
      refusals = count
    },
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}
