#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: the client built last decides the retries and the limiter of every client.
#
# Guess: numberOfApiCallRetries and limiterOptions belong to the client they were given to.
# What happens: both are kept once per process. Each `new Client()` (and each setAccessToken) replaces them, and an API group
#   takes what is current when it is first touched. So one client for each account, which is the usual way, mixes them up.
# Seen: client A asks for 3 attempts. Alone it makes 3. After `new Client()` for account B without retries, A makes 1.
#   Client A has no limiter, client B one of 400 ms: A's calls now wait 400 ms apart.
# Why it matters: a sync that serves many HubSpot accounts loses its retries, or lets one account slow another down,
#   depending on the order in which clients are built. Keep retries and limits outside the client, by account.
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
let calls = []
let status = 500
const server = http.createServer((request, response) => {
  calls.push(Date.now())
  response.writeHead(status, { 'content-type': 'application/json' }).end('{"results":[]}')
})
await new Promise((done) => server.listen(0, done))
const basePath = `http://127.0.0.1:${server.address().port}`

const attempts = async (client) => {
  calls = []
  await client.crm.contacts.basicApi.getPage().catch(() => {})
  return calls.length
}

status = 500
const alone = await attempts(new Client({ basePath, accessToken: 'A', numberOfApiCallRetries: 3 }))
const a = new Client({ basePath, accessToken: 'A', numberOfApiCallRetries: 3 })
new Client({ basePath, accessToken: 'B' })
const after = await attempts(a)

status = 200
const unlimited = new Client({ basePath, accessToken: 'A' })
new Client({ basePath, accessToken: 'B', limiterOptions: { maxConcurrent: 1, minTime: 400 } })
calls = []
await unlimited.crm.contacts.basicApi.getPage()
await unlimited.crm.contacts.basicApi.getPage()
const apart = calls[1] - calls[0]

console.log(`attempts of A alone ${alone}, once B exists ${after}; A, without a limiter, waits ${apart} ms`)
const holds = alone === 3 && after === 1 && apart >= 350
server.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
