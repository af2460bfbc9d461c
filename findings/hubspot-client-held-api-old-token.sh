#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: setAccessToken does not reach an API group that was taken before.
#
# Guess: after client.setAccessToken(token) everything that came from this client sends the new token.
# What happens: each API group copies the token when it is first touched. setAccessToken makes the client forget its groups;
#   it changes none that somebody holds, also not inside a getAll that is under way.
# Seen: a held `const { basicApi } = client.crm.contacts` sends the old token after setAccessToken. A getAll that began
#   before sends the old token for its second page.
# Why it matters: HubSpot's access tokens live 30 minutes. A first import that runs longer gets 401 although the token
#   was refreshed in time. Write `client.crm.contacts…` anew at each call, and page yourself.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# 14.0.1, given as the argument, does the same.
npm install --silent --no-audit --no-fund --ignore-scripts "@hubspot/api-client@${1:-13.5.0}"
cat > run.mjs <<'JS'
import http from 'node:http'
import { Client } from '@hubspot/api-client'

let seen = []
let afterFirst = () => {}
const server = http.createServer((request, response) => {
  seen.push(request.headers.authorization)
  if (seen.length === 1) afterFirst()
  const paging = seen.length === 1 ? { next: { after: '100' } } : undefined
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results: [], paging }))
})
await new Promise((done) => server.listen(0, done))
const basePath = `http://127.0.0.1:${server.address().port}`
let holds = true

const client = new Client({ basePath, accessToken: 'old' })
const { basicApi } = client.crm.contacts
client.setAccessToken('new')
seen = []
await basicApi.getPage()
await client.crm.contacts.basicApi.getPage()
console.log(`held group "${seen[0]}", taken anew "${seen[1]}"`)
holds &&= seen[0] === 'Bearer old' && seen[1] === 'Bearer new'

const importer = new Client({ basePath, accessToken: 'old' })
seen = []
afterFirst = () => importer.setAccessToken('new')
await importer.crm.contacts.getAll()
afterFirst = () => {}
console.log(`getAll with a refresh after page 1: "${seen.join('", "')}"`)
holds &&= seen.length === 2 && seen[1] === 'Bearer old'
server.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
