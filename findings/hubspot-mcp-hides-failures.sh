#!/usr/bin/env bash
# @hubspot/mcp-server 0.4.0: a batch that half fails is reported as complete, without a word about the failures.
#
# Guess: hubspot-batch-update-objects passes HubSpot's answer on, numErrors and errors included, or marks it as an error.
# What happens: of the answer only the status and the successes are kept. A 207 is a success for fetch, so isError is not set.
#   hubspot-search-objects drops `total` in the same way. A property can only be a text: null, which clears one, is refused.
# Seen: two updates, HubSpot answers 207 with one result and one error: the tool answers status COMPLETE with one result;
#   the words of the error appear nowhere. A search with total 250 shows 1 result and no total.
# Why it matters: whoever lets an assistant write to HubSpot is told that all is done. Compare the ids that come back with
#   those that were sent.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts @hubspot/mcp-server@0.4.0
cat > run.mjs <<'JS'
import { spawn } from 'node:child_process'
import http from 'node:http'
import { createInterface } from 'node:readline'

const record = { id: '1', properties: { phone: '+1 555 0100' }, archived: false }
const failure = { status: 'error', category: 'OBJECT_NOT_FOUND', message: 'no record with id 2', context: { ids: ['2'] } }
const server = http.createServer((request, response) => {
  const update = request.url.endsWith('/batch/update')
  const answer = update
    ? { status: 'COMPLETE', results: [record], numErrors: 1, errors: [failure] }
    : { total: 250, results: [record], paging: { next: { after: '1' } } }
  response.writeHead(update ? 207 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
})
await new Promise((done) => server.listen(0, done))

const child = spawn(process.execPath, ['node_modules/@hubspot/mcp-server/dist/index.js'], {
  env: { ...process.env, PRIVATE_APP_ACCESS_TOKEN: 'example', BASE_URL_OVERRIDE: `http://127.0.0.1:${server.address().port}` },
  stdio: ['pipe', 'pipe', 'ignore'],
})
const waiting = new Map()
createInterface({ input: child.stdout }).on('line', (line) => {
  const message = JSON.parse(line)
  waiting.get(message.id)?.(message)
})
let id = 0
const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const ask = (method, params) => new Promise((done) => (waiting.set(++id, done), send({ id, method, params })))
const call = async (name, args) => {
  const { result, error } = await ask('tools/call', { name, arguments: args })
  return { isError: Boolean(error ?? result.isError), text: error?.message ?? result.content[0].text }
}

await ask('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'finding', version: '1' } })
send({ method: 'notifications/initialized' })
const inputs = ['1', '2'].map((key) => ({ id: key, properties: { phone: '+1 555 0100' } }))
const update = await call('hubspot-batch-update-objects', { objectType: 'contacts', inputs })
const search = await call('hubspot-search-objects', { objectType: 'contacts' })
const clear = await call('hubspot-batch-update-objects', { objectType: 'contacts', inputs: [{ id: '1', properties: { phone: null } }] })
child.kill()
server.close()
const { status, results } = JSON.parse(update.text)
console.log(`update of 2: isError ${update.isError}, status ${status}, ${results.length} result; the failure is named: ${/NOT_FOUND|no record/.test(update.text)}`)
console.log(`search: total is named: ${/total|250/.test(search.text)}; null for a property: isError ${clear.isError}`)
const holds =
  !update.isError && status === 'COMPLETE' && results.length === 1 && !/rror|NOT_FOUND|no record/.test(update.text) &&
  !/total|250/.test(search.text) && clear.isError
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
