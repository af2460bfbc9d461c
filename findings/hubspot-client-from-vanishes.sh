#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: `from`, `new` and `in` are called `_from`, `_new` and `_in`; the plain names vanish.
#
# Guess: what HubSpot's reference shows as JSON is what the client takes and gives.
# What happens: three names are words of the language and get an underscore. A request with `from` is sent without it, with
#   no error; a response has `_from` and `_new`, and no `from` and no `new`.
# Seen: associations v4 create with { from, to, types }: the body on the wire has `to` and `types` only. Batch upsert
#   answers "new": true; the client gives result.new undefined and result._new true.
# Why it matters: a body copied from the reference links nothing, and `if (result.new)` counts every created contact as
#   updated. In JavaScript, or past an `as any`, nothing warns.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# 14.0.1, given as the argument, does the same.
npm install --silent --no-audit --no-fund --ignore-scripts "@hubspot/api-client@${1:-13.5.0}"
cat > run.mjs <<'JS'
import http from 'node:http'
import { Client } from '@hubspot/api-client'

let sent
const times = { createdAt: '2024-05-01T10:00:00.000Z', updatedAt: '2024-05-01T10:00:00.000Z' }
const server = http.createServer((request, response) => {
  let text = ''
  request.on('data', (chunk) => (text += chunk)).on('end', () => {
    sent = JSON.parse(text)
    const results = [{ id: '101', new: true, properties: {}, ...times }]
    const answer = { status: 'COMPLETE', results, startedAt: times.createdAt, completedAt: times.createdAt }
    response.writeHead(request.url.endsWith('/upsert') ? 200 : 201, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
})
await new Promise((done) => server.listen(0, done))
const basePath = `http://127.0.0.1:${server.address().port}`

const { crm } = new Client({ basePath, accessToken: 'a' })
const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 4 }]
await crm.associations.v4.batchApi.create('contacts', 'deals', { inputs: [{ from: { id: '1' }, to: { id: '2' }, types }] })
const plain = Object.keys(sent.inputs[0]).sort().join(', ')
await crm.associations.v4.batchApi.create('contacts', 'deals', { inputs: [{ _from: { id: '1' }, to: { id: '2' }, types }] })
const renamed = Object.keys(sent.inputs[0]).sort().join(', ')
const input = { id: 'a@example.com', idProperty: 'email', properties: {} }
const { results } = await crm.contacts.batchApi.upsert({ inputs: [input] })
console.log(`from → sent: ${plain}; _from → sent: ${renamed}; upsert: new ${results[0].new}, _new ${results[0]._new}`)
const holds = plain === 'to, types' && renamed === 'from, to, types' && results[0].new === undefined && results[0]._new === true
server.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
