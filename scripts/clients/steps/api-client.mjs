// @hubspot/api-client, whichever version is installed beside this file.
import { createRequire } from 'node:module'
import { accessToken, app, consent, expect, refused, scopes, simulator, step } from './kit.mjs'

const { Client, Signature } = createRequire(import.meta.url)('@hubspot/api-client')
const client = new Client({ accessToken: await accessToken(), basePath: simulator })
let contactId
let dealId
const email = `client-${Date.now()}@example.com`

await step('authorize URL, code exchange, refresh', async () => {
  const url = client.oauth.getAuthorizationUrl(app.clientId, app.redirectUri, scopes.join(' '))
  const code = (await consent(url)).searchParams.get('code')
  const own = new Client({ basePath: simulator })
  const exchange = (...more) => own.oauth.tokensApi.create(...more)
  const tokens = await exchange(
    'authorization_code',
    code,
    app.redirectUri,
    app.clientId,
    app.clientSecret,
  )
  const again = await exchange(
    'refresh_token',
    undefined,
    undefined,
    app.clientId,
    app.clientSecret,
    tokens.refreshToken,
  )
  expect(again.expiresIn === 1800 && again.accessToken !== tokens.accessToken, 'no new token')
})
await step('contacts: create, read, update', async () => {
  const made = await client.crm.contacts.basicApi.create({
    properties: { email, firstname: 'Ada' },
  })
  contactId = made.id
  await client.crm.contacts.basicApi.update(contactId, { properties: { firstname: 'Grace' } })
  const read = await client.crm.contacts.basicApi.getById(contactId, ['firstname'])
  expect(read.properties.firstname === 'Grace', JSON.stringify(read.properties))
})
await step('contacts: a page, and getAll over pages', async () => {
  const page = await client.crm.contacts.basicApi.getPage(100)
  expect(page.results.length === 100 && page.paging?.next?.after, 'no second page')
  const all = await client.crm.contacts.getAll()
  expect(all.length > 200, `${all.length} contacts`)
})
await step('contacts: an address that is taken, 409', async () => {
  const error = await refused(client.crm.contacts.basicApi.create({ properties: { email } }))
  expect((error.code ?? error.statusCode ?? error.response?.statusCode) === 409, `${error.code}`)
})
await step('contacts: search', async () => {
  const filters = [{ propertyName: 'email', operator: 'EQ', value: email }]
  const found = await client.crm.contacts.searchApi.doSearch({
    filterGroups: [{ filters }],
    sorts: [],
    properties: ['email'],
    limit: 10,
    after: 0,
  })
  expect(found.total === 1 && found.results[0].id === contactId, JSON.stringify(found))
})
await step('contacts: batch create, read and update', async () => {
  const inputs = [1, 2].map(n => ({
    properties: { email: `batch-${n}-${email}` },
    associations: [],
  }))
  const made = await client.crm.contacts.batchApi.create({ inputs })
  const ids = made.results.map(({ id }) => ({ id }))
  const read = await client.crm.contacts.batchApi.read({
    inputs: ids,
    properties: ['email'],
    propertiesWithHistory: [],
  })
  expect(read.results.length === 2, 'not both read')
  await client.crm.contacts.batchApi.update({
    inputs: ids.map(input => ({ ...input, properties: { city: 'Berlin' } })),
  })
})
await step('deals: create with a number as amount', async () => {
  const properties = {
    dealname: 'Client deal',
    dealstage: 'appointmentscheduled',
    pipeline: 'default',
    amount: '1200',
  }
  dealId = (await client.crm.deals.basicApi.create({ properties, associations: [] })).id
})
await step('associations v4: create, read', async () => {
  const { associations } = client.crm
  await associations.v4.basicApi.createDefault('contacts', contactId, 'deals', dealId)
  const page = await associations.v4.basicApi.getPage('contacts', contactId, 'deals')
  expect(String(page.results[0]?.toObjectId) === dealId, JSON.stringify(page))
})
await step('companies: create, search, tie to a contact', async () => {
  const company = await client.crm.companies.basicApi.create({
    properties: { name: 'Acme', domain: 'acme.example' },
  })
  await client.crm.associations.v4.basicApi.createDefault(
    'contacts',
    contactId,
    'companies',
    company.id,
  )
  const filters = [{ propertyName: 'domain', operator: 'EQ', value: 'acme.example' }]
  const found = await client.crm.companies.searchApi.doSearch({
    filterGroups: [{ filters }],
    sorts: [],
    properties: ['domain'],
    limit: 10,
    after: 0,
  })
  expect(found.results[0]?.id === company.id, JSON.stringify(found))
  const { results } = await client.crm.associations.v4.basicApi.getPage(
    'companies',
    company.id,
    'contacts',
  )
  expect(String(results[0]?.toObjectId) === contactId, JSON.stringify(results))
})
await step('properties: list, create, archive', async () => {
  const { coreApi } = client.crm.properties
  const name = `made_${Date.now()}`
  await coreApi.create('contacts', {
    name,
    label: 'Made',
    type: 'string',
    fieldType: 'text',
    groupName: 'contactinformation',
  })
  const all = await coreApi.getAll('contacts')
  expect(
    all.results.some(property => property.name === name),
    'not listed',
  )
  await coreApi.archive('contacts', name)
})
await step('pipelines and owners: list', async () => {
  const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals')
  expect(pipelines.results.length > 0, 'no pipeline')
  const owners = await client.crm.owners.ownersApi.getPage()
  expect(owners.results.length > 0, 'no owner')
})
await step('contacts: archive', () => client.crm.contacts.basicApi.archive(contactId))
await step('signature v3 of a webhook', async () => {
  const { createHmac } = await import('node:crypto')
  const [url, body, timestamp] = ['https://example.com/hook', '[]', String(Date.now())]
  const signature = createHmac('sha256', app.clientSecret)
    .update(`POST${url}${body}${timestamp}`)
    .digest('base64')
  const valid = Signature.isValid({
    signatureVersion: 'v3',
    signature,
    method: 'POST',
    clientSecret: app.clientSecret,
    requestBody: body,
    url,
    timestamp: Number(timestamp),
  })
  expect(valid, 'refused')
})
