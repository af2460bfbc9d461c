#!/usr/bin/env bash
# ky 1.14.3 and got 14.6.6: maxRetryAfter means opposite things.
#
# Guess: in both, a Retry-After above maxRetryAfter ends the attempts; the two come from the same hands.
# What happens: got gives up. ky shortens the wait to maxRetryAfter and calls again, long before the server allowed it.
# Seen: 429 with Retry-After: 5 and maxRetryAfter 200 ms. got: one call, HTTPError. ky: second call after 200 ms.
# Why it matters: who moves from got to ky keeps the option and now calls HubSpot inside the time it asked to be left
#   alone. Refused calls count too: HubSpot wants errors to stay under 5 % of an app's calls.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts ky@1.14.3 got@14.6.6
cat > run.mjs <<'JS'
import http from 'node:http'
import got from 'got'
import ky from 'ky'

let calls = []
const server = http.createServer((request, response) => {
  calls.push(Date.now())
  response.writeHead(calls.length === 1 ? 429 : 200, { 'retry-after': '5' }).end('{}')
})
await new Promise((done) => server.listen(0, done))
const url = `http://127.0.0.1:${server.address().port}/`
const seen = {}
for (const [name, call] of [
  ['got', () => got(url, { retry: { limit: 2, maxRetryAfter: 200 } })],
  ['ky', () => ky(url, { retry: { limit: 2, maxRetryAfter: 200 } })],
]) {
  calls = []
  const result = await call().then(() => 'ok', (error) => error.name)
  seen[name] = { result, calls: calls.length, waited: calls.length > 1 ? calls[1] - calls[0] : 0 }
  console.log(`${name}: ${result} after ${calls.length} call(s), second call after ${seen[name].waited} ms`)
}
server.close()
const holds = seen.got.result === 'HTTPError' && seen.got.calls === 1 && seen.ky.result === 'ok' && seen.ky.waited < 2000
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
