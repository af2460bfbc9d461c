import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createRouter, toNodeListener } from 'h3'
import webhookTarget from '../server/api/v1/leads/webhooks/hubspot.post'
import { loadConfiguration } from '../server/config/configuration'
import handleError from '../server/http/error-handler'
import { createServices } from '../server/services'
import { provideServices } from '../server/http/services'

/**
 * The webhook route alone, with its triggers but no worker, in a process of its own: its processor
 * time is the route's. Started by `bench/webhooks.ts`.
 */
const server = createServer((request, response) => void listener(request, response))
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/leads/webhooks/hubspot`
const services = createServices(
  loadConfiguration({ ...process.env, NUXT_HUBSPOT_WEBHOOK_URL: url }),
)
await services.database.prepare()
provideServices(services)
const router = createRouter().post('/v1/leads/webhooks/hubspot', webhookTarget)
const listener = toNodeListener(createApp({ onError: handleError }).use(router))
process.on('message', message => {
  if (message === 'usage') process.send?.({ usage: process.cpuUsage() })
})
process.send?.({ url })
