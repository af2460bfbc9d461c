#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: retries repeat a create that may have worked, and not a connection that failed.
#
# Guess: numberOfApiCallRetries retries what is safe: lost connections, and 5xx for reads; 3 retries are 4 attempts.
# What happens: any 5xx is retried, POST included. A connection that breaks is never retried. The number counts attempts,
#   so 1 means no retry at all.
# Seen: with 3: a create that is answered 500 is posted 3 times; a connection closed before a byte was read: 1 attempt.
#   With 1: 1 attempt.
# Why it matters: HubSpot may have stored the deal before the 500. Deals have no unique key by default, so three deals
#   can come of one. Look for the record before you repeat a create, and retry lost connections yourself.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# 14.0.1, given as the argument, does the same.
npm install --silent --no-audit --no-fund --ignore-scripts "@hubspot/api-client@${1:-13.5.0}"
cat > run.mjs <<'JS'
import http from 'node:http'
import net from 'node:net'
import { Client } from '@hubspot/api-client'

console.error = () => {} // the client reports each retry there
let posts = 0
let connections = 0
const api = http.createServer((request, response) => {
  posts++
  request.resume().on('end', () => response.writeHead(500, { 'content-type': 'application/json' }).end('{}'))
})
const gone = net.createServer((socket) => {
  connections++
  socket.destroy()
})
await Promise.all([api, gone].map((server) => new Promise((done) => server.listen(0, done))))
const base = (server) => `http://127.0.0.1:${server.address().port}`

const create = (basePath, numberOfApiCallRetries) =>
  new Client({ basePath, accessToken: 'a', numberOfApiCallRetries }).crm.deals.basicApi
    .create({ properties: { dealname: 'Example' }, associations: [] })
    .catch(() => {})
posts = connections = 0
await create(base(api), 3)
const with3 = posts
posts = 0
await create(base(api), 1)
const with1 = posts
await create(base(gone), 3)
console.log(`create answered 500: ${with3} posts with 3, ${with1} with 1; broken connection: ${connections} attempt with 3`)
const holds = with3 === 3 && with1 === 1 && connections === 1
api.close()
gone.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
