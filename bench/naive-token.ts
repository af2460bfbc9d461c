import type { SimulatorEnvironment } from '../simulator/index'

/**
 * A token for the naive variant, which knows nothing of OAuth: granted by the simulator as to any
 * app.
 */
export async function accessToken(env: SimulatorEnvironment, url: string): Promise<string> {
  const scopes =
    'oauth crm.objects.contacts.read crm.objects.contacts.write crm.objects.deals.read crm.objects.deals.write crm.schemas.contacts.read crm.schemas.deals.read'
  const query = new URLSearchParams({
    client_id: env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
    redirect_uri: env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
    scope: scopes,
    state: 'bench',
  })
  const redirect = await fetch(`${url}/oauth/authorize?${query.toString()}`, { redirect: 'manual' })
  const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    client_id: env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
    client_secret: env.NUXT_HUBSPOT_CLIENT_SECRET,
    redirect_uri: env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
  })
  const answer = (await (
    await fetch(`${url}/oauth/2026-09/token`, { method: 'POST', body })
  ).json()) as { access_token: string }
  return answer.access_token
}
