#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: apiRequest neither throws nor retries, and sends undefined as a word.
#
# Guess: client.apiRequest is the same client for endpoints without a method: it throws ApiException and obeys
#   numberOfApiCallRetries; an undefined query value is left out.
# What happens: it gives back the raw fetch Response whatever the status. The retry works by exceptions, and there is none,
#   so numberOfApiCallRetries does nothing. `after: undefined` is sent as after=undefined, a list is joined by commas.
# Seen: 500 with 3 attempts configured: one call, resolved with status 500; the typed method makes 3 calls and throws.
#   qs { limit: 100, after: undefined } becomes ?limit=100&after=undefined.
# Why it matters: endpoints that are newer than the client go through apiRequest. A page loop that starts with
#   after: undefined asks HubSpot for a cursor called "undefined", and a failed page looks like an empty one.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# 14.0.1, given as the argument, does the same.
npm install --silent --no-audit --no-fund --ignore-scripts "@hubspot/api-client@${1:-13.5.0}"
cat > run.mjs <<'JS'
import http from 'node:http'
import { Client } from '@hubspot/api-client'

console.error = () => {} // the client reports each retry there
let urls = []
const server = http.createServer((request, response) => {
  urls.push(request.url)
  response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"internal error"}')
})
await new Promise((done) => server.listen(0, done))
const basePath = `http://127.0.0.1:${server.address().port}`
const path = '/crm/v3/objects/contacts'

const client = new Client({ basePath, accessToken: 'a', numberOfApiCallRetries: 3 })
urls = []
const response = await client.apiRequest({ path, qs: { limit: 100, after: undefined } })
const raw = urls
urls = []
const code = await client.crm.contacts.basicApi.getPage(100, undefined).catch((error) => error.code)
console.log(`apiRequest: status ${response.status} resolved, ${raw.length} call, ${raw[0]}; getPage: throws ${code} after ${urls.length} calls, ${urls[0]}`)
const holds =
  response.status === 500 && raw.length === 1 && raw[0] === `${path}?limit=100&after=undefined` &&
  code === 500 && urls.length === 3 && urls[0] === `${path}?limit=100`
server.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
