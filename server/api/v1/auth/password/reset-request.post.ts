import { ResetRequestBody, ResetRequested } from '#shared/contracts/people'
import { requestOrigin } from '../../../../http/client-address'
import { defineRoute } from '../../../../http/define-route'
import { errorFields } from '../../../../observability/log'

export default defineRoute(
  {
    role: 'anyone',
    limit: { name: 'reset_request', perMinute: 30, of: 'address' },
    body: ResetRequestBody,
    response: ResetRequested,
    status: 202,
  },
  ({ event, services, body }) => {
    const from = requestOrigin(event, services.configuration.trustedProxies)
    // The answer waits for nothing: neither words nor time tell whether there is such an account.
    void services.ownPassword
      .requestReset(body.email, from)
      .catch((error: unknown) =>
        services.log.error(
          { event: 'reset_request_failed', ...errorFields(error) },
          'A password reset could not be prepared',
        ),
      )
    return { requested: true as const }
  },
)
