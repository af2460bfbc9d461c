import type { World } from '../world'
import { html, redirect, type Reply, type SimulatorRequest } from '../http'
import { authorize } from './authorize'
import { errorPage, marketplacePage } from './pages'

/**
 * The marketplace's install flow of apps with a sign-in of their own: install button → app with
 * `step=authorize&returnUrl` → (the app signs the user in) → `returnUrl?state=…` → consent → app
 * with `step=finalize&code&state&returnUrl` → `returnUrl`.
 */
export function marketplace(world: World, request: SimulatorRequest): Reply {
  if (request.method === 'GET')
    return html(200, marketplacePage(world.app.name, '/marketplace/install'))
  const app = new URL(world.app.installUrl ?? world.app.redirectUrls[0] ?? 'http://localhost')
  app.searchParams.set('step', 'authorize')
  app.searchParams.set('returnUrl', `${world.url()}/marketplace/authorize`)
  return redirect(app.href)
}

/**
 * Where the app sends the user back to once it knows them: HubSpot asks for consent and finalizes.
 */
export function marketplaceAuthorize(world: World, request: SimulatorRequest): Reply {
  const state = request.query.get('state')
  if (!state) return html(400, errorPage('The app sent you back without a state token.'))
  const { app } = world
  const query = new URLSearchParams({
    client_id: app.clientId,
    redirect_uri: app.installUrl ?? app.redirectUrls[0] ?? '',
    scope: app.requiredScopes.join(' '),
    optional_scope: app.optionalScopes.join(' '),
    state,
    simulator_return_url: `${world.url()}/marketplace/installed`,
  })
  return authorize(world, { ...request, path: '/oauth/authorize', query }, null)
}

/** The end of it. */
export function marketplaceInstalled(world: World): Reply {
  return html(200, marketplacePage(`${world.app.name} is installed`, '/marketplace/install'))
}
