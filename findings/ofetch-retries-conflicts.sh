#!/usr/bin/env bash
# ofetch 1.5.1 (behind Nuxt's $fetch): a conflict is retried, a 429 is retried at once, Retry-After is not read.
#
# Guess: retry repeats what may pass later (network, 5xx, 429 after Retry-After), not 409; POST stays unrepeated.
# What happens: 409 and 425 are among the statuses that are repeated. A number for `retry` switches repeats on for POST too.
#   The wait is retryDelay, 0 by default, whatever Retry-After says. A GET has one such retry without any option.
# Seen: POST with retry: 3, answered 409: 4 posts within 500 ms. GET without options, answered 429 with Retry-After: 2:
#   second call within 500 ms.
# Why it matters: HubSpot answers 409 when a contact with this e-mail exists; nothing changes by asking 4 times, but 4
#   calls are counted. And each 429 costs a second call that is refused as well.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts ofetch@1.5.1
cat > run.mjs <<'JS'
import http from 'node:http'
import { ofetch } from 'ofetch'

let calls = []
let status
const server = http.createServer((request, response) => {
  calls.push(Date.now())
  response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '2' }).end('{}')
})
await new Promise((done) => server.listen(0, done))
const url = `http://127.0.0.1:${server.address().port}/`
const attempt = async (code, options) => {
  calls = []
  status = code
  await ofetch(url, options).catch(() => {})
  return { count: calls.length, span: calls.at(-1) - calls[0] }
}
const conflict = await attempt(409, { method: 'POST', body: {}, retry: 3 })
const limited = await attempt(429)
console.log(`POST, retry 3, 409: ${conflict.count} posts in ${conflict.span} ms; GET, 429 with Retry-After 2: ${limited.count} calls in ${limited.span} ms`)
server.close()
const holds = conflict.count === 4 && conflict.span < 500 && limited.count === 2 && limited.span < 500
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
