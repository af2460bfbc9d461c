import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createRouter, toNodeListener } from 'h3'
import webhookTarget from '../../../server/api/v1/leads/webhooks/hubspot.post'
import handleError from '../../../server/http/error-handler'
import { provideServices } from '../../../server/http/services'
import { startServices } from '../../support/connected'

/** The webhook target in a process of its own. Prints its address; works until it is killed. */
const server = createServer((request, response) => void listener(request, response))
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/leads/webhooks/hubspot`
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const { services } = await startServices({ ...environment, NUXT_HUBSPOT_WEBHOOK_URL: url })
provideServices(services)
const listener = toNodeListener(
  createApp({ onError: handleError }).use(
    createRouter().post('/v1/leads/webhooks/hubspot', webhookTarget),
  ),
)
process.stdout.write(`${url}\n`)
