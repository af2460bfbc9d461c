import webhooksFile from '../../hubspot-app/src/app/webhooks/webhooks-hsmeta.json'
import type { DoctorCheck } from '#shared/contracts/insight'
import type { Configuration } from '../config/configuration'
import { signRequest, verifySignature } from '../hubspot/signature'
import { fail, isHubspots, pass, warn } from './check'

const webhookPath = /^(\/api)?\/v1\/leads\/webhooks\/hubspot$/

/** Signs an empty delivery as HubSpot would, and lets our own check judge it. */
function signature({ clientSecret, webhookUrl }: Configuration['hubspot'], now: Date): DoctorCheck {
  const id = 'webhook_signature'
  const body = Buffer.from('[]')
  const timestamp = String(now.getTime())
  const signable = { method: 'POST', url: webhookUrl, body }
  const mac = signRequest(clientSecret, signable, timestamp)
  const request = { ...signable, timestamp, signature: mac }
  const right = verifySignature(request, [clientSecret], now)
  const wrong = verifySignature({ ...request, body: Buffer.from('[{}]') }, [clientSecret], now)
  if (right === 'valid' && wrong === 'mismatch')
    return pass(
      id,
      'A delivery signed with the client secret for the configured address is accepted, ' +
        'a changed one is refused.',
    )
  return fail(
    id,
    `The signature check does not work (signed: ${right}, changed: ${wrong}).`,
    'Report this together with the version of the app; webhooks would be refused or forged.',
  )
}

function address(
  { webhookUrl, apiBaseUrl }: Configuration['hubspot'],
  targetUrl: string,
): DoctorCheck {
  const id = 'webhook_url'
  const url = new URL(webhookUrl)
  if (!webhookPath.test(url.pathname) || url.search)
    return fail(
      id,
      `The webhook address ${webhookUrl} is not one that this app answers.`,
      'Set NUXT_HUBSPOT_WEBHOOK_URL to the public address of /v1/leads/webhooks/hubspot, ' +
        'exactly as HubSpot calls it: it is part of what HubSpot signs.',
    )
  if (!isHubspots(apiBaseUrl)) return pass(id, `Webhooks are expected at ${webhookUrl}.`)
  if (url.protocol !== 'https:')
    return warn(
      id,
      `HubSpot delivers to https addresses only, not to ${webhookUrl}. Changes arrive by polling.`,
      'Use a public https address, or a tunnel while developing (docs/hubspot-setup.md).',
    )
  if (webhookUrl !== targetUrl)
    return warn(
      id,
      `${webhookUrl} is not the targetUrl in this installation's copy of ` +
        'webhooks-hsmeta.json. That is right only if the uploaded app names it.',
      'Set config.settings.targetUrl in ' +
        `hubspot-app/src/app/webhooks/webhooks-hsmeta.json to exactly "${webhookUrl}", ` +
        'then run "hs project upload".',
    )
  return pass(id, `Webhooks are expected at ${webhookUrl}, as the app's project file says.`)
}

export function examineWebhooks(
  { hubspot }: Pick<Configuration, 'hubspot'>,
  now: Date,
  targetUrl: string = webhooksFile.config.settings.targetUrl,
): DoctorCheck[] {
  return [signature(hubspot, now), address(hubspot, targetUrl)]
}
