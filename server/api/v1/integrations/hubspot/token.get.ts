import { setResponseHeader } from 'h3'
import { TokenAnswer } from '#shared/contracts/connection'
import { userActor } from '../../../../database/audit'
import { DomainError } from '../../../../errors'
import { isBrowserRequest } from '../../../../http/csrf'
import { defineRoute } from '../../../../http/define-route'

/**
 * The guide's token route: for a partner's own programs, where the operator allows it. A page never
 * gets a token.
 */
export default defineRoute(
  { role: 'admin', scope: 'token:read', response: TokenAnswer },
  async ({ event, services, signedIn, correlationId }) => {
    setResponseHeader(event, 'Vary', 'Cookie')
    if (!services.configuration.hubspot.tokenRoute)
      throw new DomainError(
        'token_route_disabled',
        'This installation hands out no tokens. NUXT_HUBSPOT_TOKEN_ROUTE turns this route on.',
      )
    const entry = {
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'hubspot.token_read',
      correlationId,
    }
    if (isBrowserRequest(event)) {
      await services.audit.record({ ...entry, outcome: 'refused', details: { code: 'forbidden' } })
      throw new DomainError('forbidden', 'Tokens are handed to programs only, never to a browser.')
    }
    const { accessToken, expiresAt, portalId } = await services.connection.getValidAccessToken(
      signedIn.partner.id,
    )
    await services.audit.record({ ...entry, details: { portalId } })
    return { access_token: accessToken, expires_at: expiresAt.toISOString() }
  },
)
