#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: a new access token starts a new rate limiter.
#
# Guess: limiterOptions are for the life of the client; a refreshed token changes only the Authorization header.
# What happens: setAccessToken builds a fresh limiter with a full reservoir. The old one goes on for groups that are held.
# Seen: a reservoir of 3 calls in 10 seconds. 3 calls pass, the token is refreshed, 3 more pass at once: 6 within a second.
# Why it matters: HubSpot counts by account and app, not by token. A refresh in the middle of an import makes a burst of
#   429 exactly when the limiter is meant to help.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# 14.0.1, given as the argument, does the same.
npm install --silent --no-audit --no-fund --ignore-scripts "@hubspot/api-client@${1:-13.5.0}"
cat > run.mjs <<'JS'
import http from 'node:http'
import { Client } from '@hubspot/api-client'

let calls = []
const server = http.createServer((request, response) => {
  calls.push(Date.now())
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"results":[]}')
})
await new Promise((done) => server.listen(0, done))
const basePath = `http://127.0.0.1:${server.address().port}`
const limiterOptions = { reservoir: 3, reservoirRefreshAmount: 3, reservoirRefreshInterval: 10_000 }

const client = new Client({ basePath, accessToken: 'old', limiterOptions })
calls = []
for (let i = 0; i < 6; i++) {
  if (i === 3) client.setAccessToken('new')
  await client.crm.contacts.basicApi.getPage()
}
const span = calls[5] - calls[0]
console.log(`limit 3 in 10 s, but ${calls.length} calls within ${span} ms`)
const holds = span < 1000
server.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
