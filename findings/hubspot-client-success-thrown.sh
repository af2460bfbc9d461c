#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: a success can be thrown, as ApiException with code 200.
#
# Guess: any 2xx resolves.
# What happens: an endpoint resolves only for the one or two codes of its description. Every other code is an exception,
#   2xx too; the fallback for them can never be reached, because the catch-all error comes before it.
# Seen: contacts.basicApi.create answered 201 resolves. Answered 200 with the same contact it throws
#   "HTTP-Code: 200", and the created contact is in error.body. archive answered 200 instead of 204 throws as well.
# Why it matters: a mock, a recording or a proxy that answers 200 for a create breaks in a way nobody looks for, and code
#   that repeats after an exception creates the record twice.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# 14.0.1, given as the argument, does the same.
npm install --silent --no-audit --no-fund --ignore-scripts "@hubspot/api-client@${1:-13.5.0}"
cat > run.mjs <<'JS'
import http from 'node:http'
import { Client } from '@hubspot/api-client'

let status
const contact = { id: '101', properties: {}, createdAt: '2024-05-01T10:00:00.000Z', updatedAt: '2024-05-01T10:00:00.000Z', archived: false }
const server = http.createServer((request, response) => {
  request.resume().on('end', () =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 204 ? undefined : JSON.stringify(contact)),
  )
})
await new Promise((done) => server.listen(0, done))
const basePath = `http://127.0.0.1:${server.address().port}`

const api = new Client({ basePath, accessToken: 'a' }).crm.contacts.basicApi
const outcome = (code, call) => {
  status = code
  return call().then((value) => `resolved ${value?.id}`, (error) => `${error.constructor.name} code ${error.code} with id ${error.body?.id}`)
}
const input = { properties: { firstname: 'Example' }, associations: [] }
const created = await outcome(201, () => api.create(input))
const ok = await outcome(200, () => api.create(input))
const archived = await outcome(204, () => api.archive('101'))
const archivedOk = await outcome(200, () => api.archive('101'))
console.log(`create 201: ${created} | create 200: ${ok} | archive 204: ${archived} | archive 200: ${archivedOk}`)
const holds =
  created === 'resolved 101' && ok === 'ApiException code 200 with id 101' &&
  archived === 'resolved undefined' && archivedOk.startsWith('ApiException code 200')
server.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
