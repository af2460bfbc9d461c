#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: `crm.exports.publicExportsApi.start` cannot start an export.
#
# Guess: it takes the body that HubSpot's reference shows, as its type says, and sends it.
# What happens: the body is a choice of two kinds (a view, a list). The client asks the type that stands for the choice for
#   its list of fields, and that type has none: a TypeError, before anything is sent. Asking for an export's status works.
# Seen: both kinds, with every field of the reference: TypeError, no request. `getStatus`: one request, an answer.
# Why it matters: the one way to get many records out in one file cannot be begun with the client; `apiRequest` with
#   path and body by hand can.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# 14.0.1, given as the argument, does the same.
npm install --silent --no-audit --no-fund --ignore-scripts "@hubspot/api-client@${1:-13.5.0}"
cat > run.mjs <<'JS'
import http from 'node:http'
import { Client } from '@hubspot/api-client'

let requests = 0
const server = http.createServer((request, response) => {
  requests += 1
  const answer = { status: 'PENDING', startedAt: '2024-05-01T10:00:00.000Z', completedAt: '2024-05-01T10:00:00.000Z' }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
})
await new Promise((done) => server.listen(0, done))
const { crm } = new Client({ basePath: `http://127.0.0.1:${server.address().port}`, accessToken: 'a' })

const common = {
  exportName: 'All contacts',
  format: 'CSV',
  language: 'EN',
  objectType: 'CONTACT',
  objectProperties: ['email', 'firstname'],
  associatedObjectType: [],
  exportInternalValuesOptions: [],
  overrideAssociatedObjectsPerDefinitionPerRowLimit: false,
  includeLabeledAssociations: false,
  includePrimaryDisplayPropertyForAssociatedObjects: false,
}
const view = { ...common, exportType: 'VIEW', publicCrmSearchRequest: { filters: [], filterGroups: [], sorts: [], query: '' } }
const list = { ...common, exportType: 'LIST', listId: '12' }
const outcome = async (work) => {
  const before = requests
  const error = await work().then(() => null, (thrown) => thrown)
  return `${error?.constructor.name ?? 'an answer'}, ${requests - before} requests`
}
const api = crm.exports.publicExportsApi
const [ofView, ofList, status] = [
  await outcome(() => api.start(view)),
  await outcome(() => api.start(list)),
  await outcome(() => api.getStatus(1)),
]
console.log(`view: ${ofView}; list: ${ofList}; status: ${status}`)
server.close()
const holds = ofView === 'TypeError, 0 requests' && ofList === ofView && status === 'an answer, 1 requests'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
