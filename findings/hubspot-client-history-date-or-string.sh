#!/usr/bin/env bash
# @hubspot/api-client 11.2.0 and 13.5.0: the type says Date, 11 gives a string; 13 gives a Date.
#
# Guess: if ValueWithTimestamp.timestamp is declared as Date in both, both give a Date.
# What happens: 11 does not convert inside propertiesWithHistory, although it converts createdAt beside it and declares
#   both as Date. 13 converts. The declaration is the same, so the compiler is silent at the upgrade.
# Seen: 11.2.0: timestamp is the string "2024-05-01T10:00:00Z" and declared Date. 13.5.0: a Date. Fields that the
#   client does not know inside the history are kept by 11 and dropped by 13.
# Why it matters: history decides who changed a field last. With 11, timestamp.getTime() fails; code that got around it
#   (comparing strings, new Date(timestamp)) silently changes meaning with 13, where `===` of two Dates is never true.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts \
  client11@npm:@hubspot/api-client@11.2.0 client13@npm:@hubspot/api-client@13.5.0
cat > run.mjs <<'JS'
import fs from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const at = '2024-05-01T10:00:00Z'
const entry = { value: 'lead', timestamp: at, sourceType: 'CRM_UI', somethingNewer: 1 }
const contact = { id: '101', properties: {}, propertiesWithHistory: { lifecyclestage: [entry] }, createdAt: at, updatedAt: at, archived: false }
const server = http.createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(contact))
})
await new Promise((done) => server.listen(0, done))
const basePath = `http://127.0.0.1:${server.address().port}`
const kind = (value) => (value instanceof Date ? 'Date' : typeof value)
const lines = []

for (const name of ['client11', 'client13']) {
  const { Client } = require(name)
  const api = new Client({ basePath, accessToken: 'a' }).crm.contacts.basicApi
  const got = await api.getById('101', undefined, ['lifecyclestage'])
  const model = `node_modules/${name}/lib/codegen/crm/contacts/models/ValueWithTimestamp.d.ts`
  const declared = /'timestamp': (\w+);/.exec(fs.readFileSync(model, 'utf8'))[1]
  const history = got.propertiesWithHistory.lifecyclestage[0]
  lines.push(`declared ${declared}, given ${kind(history.timestamp)}; createdAt ${kind(got.createdAt)}; unknown field kept: ${'somethingNewer' in history}`)
  console.log(`${name}: ${lines.at(-1)}`)
}
server.close()
const holds =
  lines[0] === 'declared Date, given string; createdAt Date; unknown field kept: true' &&
  lines[1] === 'declared Date, given Date; createdAt Date; unknown field kept: false'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
