#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: an error response without a Content-Type loses its status code.
#
# Guess: every response that is not 2xx becomes an ApiException with `code`, whatever its body.
# What happens: the body is parsed by its media type before the exception is made. Without Content-Type the parser throws
#   a plain Error without code, body or headers. So does an empty body that is labelled JSON.
# Seen: 502 as HTML: ApiException, code 502, retried. The same 502 with no Content-Type: Error "Cannot parse content. …",
#   no code, not retried. 502 labelled JSON with no body: SyntaxError, no code.
# Why it matters: gateways answer just like that. Code that looks at error.code takes an outage for a bug of its own, and
#   a sync that stops for good at unknown errors stops at a hiccup.
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
let calls = 0
let type
let body
const server = http.createServer((request, response) => {
  calls++
  response.writeHead(502, type ? { 'content-type': type } : {}).end(body)
})
await new Promise((done) => server.listen(0, done))
const basePath = `http://127.0.0.1:${server.address().port}`

const failure = async (...answer) => {
  calls = 0
  ;[type, body] = answer
  const client = new Client({ basePath, accessToken: 'a', numberOfApiCallRetries: 2 })
  const error = await client.crm.contacts.basicApi.getPage().catch((caught) => caught)
  return `${error.constructor.name} code ${error.code}, attempts ${calls}`
}
const html = await failure('text/html', '<h1>Bad Gateway</h1>')
const bare = await failure(undefined, '')
const empty = await failure('application/json', '')
console.log(`HTML: ${html} | no Content-Type: ${bare} | empty JSON: ${empty}`)
const holds =
  html === 'ApiException code 502, attempts 2' &&
  bare === 'Error code undefined, attempts 1' &&
  empty === 'SyntaxError code undefined, attempts 1'
server.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
