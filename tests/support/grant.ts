import { buildAuthorizeUrl } from '#shared/hubspot/authorize-url'
import { mainPortalId } from '../../simulator/control-client'
import type { Client } from './client'
import { present } from './present'

export interface Granted {
  state: string
  code: string
  /** Where the callback sent the browser */
  location: string
}

/**
 * Connects as a browser does: asks for a state, presses a button of the simulator's consent page,
 * follows HubSpot back.
 * @param env the variables the app was started with
 */
export async function grantAccess(
  client: Client,
  env: Record<string, string>,
  {
    portalId = mainPortalId,
    decision = 'grant',
    body = {},
  }: { portalId?: number; decision?: 'grant' | 'deny'; body?: object } = {},
): Promise<Granted> {
  const started = await client.post('/api/v1/integrations/hubspot/connect', body)
  if (started.status !== 200) throw new Error(`connect answered ${started.status}: ${started.text}`)
  const { state } = started.json as { state: string }
  const url = new URL(
    buildAuthorizeUrl({
      authorizeUrl: present(env.NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL),
      clientId: present(env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID),
      redirectUri: present(env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI),
      state,
    }),
  )
  const form = new URLSearchParams([
    ...url.searchParams,
    ['portalId', String(portalId)],
    ['decision', decision],
  ])
  const consent = await fetch(url.origin + url.pathname, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  })
  const callback = new URL(consent.headers.get('location') ?? 'about:blank')
  const answer = await client.get(callback.pathname + callback.search)
  return {
    state,
    code: callback.searchParams.get('code') ?? '',
    location: answer.headers.get('location') ?? '',
  }
}
