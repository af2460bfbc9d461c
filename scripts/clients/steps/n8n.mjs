// n8n-nodes-base: the HubSpot node and trigger, given what n8n's engine gives them.
import { createRequire } from 'node:module'
import { createServer } from 'node:http'
import { accessToken, app, control, expect, rewritten, step } from './kit.mjs'

const require = createRequire(import.meta.url)
const { Hubspot } = require('n8n-nodes-base/dist/nodes/Hubspot/Hubspot.node.js')
const { HubspotTrigger } = require('n8n-nodes-base/dist/nodes/Hubspot/HubspotTrigger.node.js')
const node = new Hubspot().nodeVersions[2.2]
const token = await accessToken()
const { app: known } = await control('GET', '/state')

async function send({ method, uri, qs = {}, body, headers }, authorization) {
  const url = rewritten(uri)
  for (const [name, value] of Object.entries(qs))
    if (value !== undefined) for (const one of [value].flat()) url.searchParams.append(name, one)
  const hasBody = method !== 'GET' && Object.keys(body ?? {}).length > 0
  const response = await fetch(url, {
    method,
    headers: {
      ...headers,
      ...authorization,
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    body: hasBody ? JSON.stringify(body) : undefined,
  })
  const text = await response.text()
  if (!response.ok)
    throw Object.assign(
      new Error(`${method} ${url.pathname}: ${response.status} ${text.slice(0, 120)}`),
      {
        statusCode: response.status,
      },
    )
  return text === '' ? undefined : JSON.parse(text)
}
function engine(parameters, type = 'n8n-nodes-base.hubspot') {
  const all = {
    authentication: 'oAuth2',
    returnAll: false,
    limit: 10,
    additionalFields: {},
    ...parameters,
  }
  return {
    getNode: () => ({ type, typeVersion: 2.2, name: 'HubSpot' }),
    getInputData: () => [{ json: {} }],
    getNodeParameter: (name, _item, fallback, options) => {
      const value = name.split('.').reduce((at, key) => at?.[key], all) ?? fallback
      return options?.extractValue && value?.value !== undefined ? value.value : value
    },
    getCredentials: async () => ({
      apiKey: known.developerApiKey,
      appId: String(known.appId),
      clientSecret: app.clientSecret,
    }),
    getNodeWebhookUrl: () => parameters.webhookUrl,
    continueOnFail: () => false,
    helpers: {
      requestOAuth2: (_name, options) => send(options, { authorization: `Bearer ${token}` }),
      request: options => send(options, {}),
      returnJsonArray: items => [items].flat().map(json => ({ json })),
      constructExecutionMetaData: items => items,
    },
  }
}
const run = async parameters =>
  (await node.execute.call(engine(parameters)))[0].map(({ json }) => json)
const legacy = path => ({
  fault: 'missing',
  why: `it calls ${path}, of APIs that HubSpot ends in September 2027 and the simulator does not have`,
})
const email = `n8n-${Date.now()}@example.com`
const filters = (propertyName, value) => ({
  filterGroupsUi: {
    filterGroupsValues: [
      { filtersUi: { filterValues: [{ propertyName, type: 'string', operator: 'EQ', value }] } },
    ],
  },
})
const known1 = (await control('GET', '/portals/48210001/contacts?limit=20')).find(
  ({ properties }) => properties.email,
)

await step('contact: search', async () => {
  const found = await run({
    resource: 'contact',
    operation: 'search',
    ...filters('email|string', known1.properties.email),
  })
  expect(found[0]?.id === known1.id, JSON.stringify(found))
})
await step('deal: search, all pages', async () => {
  const found = await run({
    resource: 'deal',
    operation: 'search',
    returnAll: true,
    filterGroupsUi: {},
  })
  expect(found.length > 0, 'nothing found')
})
await step('contact: get many (contact list of v1)', async () => {
  const found = await run({ resource: 'contact', operation: 'getAll' })
  expect(found.length === 10, `${found.length} contacts`)
})
await step(
  'contact: create or update',
  () => run({ resource: 'contact', operation: 'upsert', email }),
  legacy('/contacts/v1/contact/createOrUpdate'),
)
await step(
  'contact: get',
  () => run({ resource: 'contact', operation: 'get', contactId: known1.id }),
  legacy('/contacts/v1/contact/vid'),
)
await step(
  'contact: delete',
  () => run({ resource: 'contact', operation: 'delete', contactId: known1.id }),
  legacy('/contacts/v1/contact/vid'),
)
await step(
  'deal: create',
  () => run({ resource: 'deal', operation: 'create', stage: 'appointmentscheduled' }),
  legacy('/deals/v1/deal'),
)
await step(
  'company: create',
  () => run({ resource: 'company', operation: 'create', name: 'Acme' }),
  legacy('/companies/v2/companies'),
)
const options = method => node.methods.loadOptions[method].call(engine({}))
await step('lists of choices: properties', async () => {
  expect((await options('getContactProperties')).length > 5, 'none')
})
await step('lists of choices: owners', async () => {
  expect((await options('getOwners')).length > 0, 'none')
})

const events = []
let headers
const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  headers = request.headers
  events.push(JSON.parse(Buffer.concat(chunks)))
  response.end()
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const trigger = new HubspotTrigger()
const triggered = engine(
  {
    webhookUrl: `http://127.0.0.1:${server.address().port}/hook`,
    eventsUi: {
      eventValues: [
        { name: 'contact.creation' },
        { name: 'contact.propertyChange', property: 'city' },
      ],
    },
  },
  'n8n-nodes-base.hubspotTrigger',
)
const { checkExists, create, delete: remove } = trigger.webhookMethods.default
await step('trigger: subscribes (webhooks v3)', async () => {
  await remove.call(triggered)
  expect((await checkExists.call(triggered)) === false, 'there already')
  await create.call(triggered)
})
await step('trigger: gets a signed event and takes it', async () => {
  const made = await control('POST', '/portals/48210001/contacts', {
    properties: { email: `hook-${email}` },
  })
  for (let i = 0; i < 50 && events.length === 0; i++)
    await new Promise(resolve => setTimeout(resolve, 100))
  const taken = await trigger.webhook.call({
    ...triggered,
    getRequestObject: () => ({ body: events[0] }),
    getHeaderData: () => headers,
  })
  expect(String(taken.workflowData?.[0][0].json.contactId) === made.id, JSON.stringify(taken))
})
await step('trigger: ends its subscriptions', async () => {
  await remove.call(triggered)
})
server.close()
