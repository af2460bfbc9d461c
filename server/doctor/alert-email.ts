import type { DoctorCheck } from '#shared/contracts/insight'
import type { Mailer } from '../alerts/mailer'
import { pass, skipped, warn } from './check'

/** Whether alerts can leave by e-mail. Nothing is sent. */
export async function examineAlertEmail(mailer: Mailer | null): Promise<DoctorCheck[]> {
  const id = 'alert_email'
  if (!mailer)
    return [
      skipped(id, 'No SMTP server is configured: alerts show in the app and in the log only.'),
    ]
  try {
    await mailer.verify()
    return [pass(id, 'The SMTP server takes e-mail from the app.')]
  } catch {
    return [
      warn(
        id,
        'The SMTP server cannot be reached or refuses the sign-in.',
        'Check NUXT_SMTP_URL. Alerts are kept and tried again.',
      ),
    ]
  }
}
