#!/usr/bin/env bash
# @pipedream/platform 3.4.0: of a parameter that the address repeats, only the last one is sent.
#
# Guess: axios from this package is axios with a few additions; the address is called as it is given. axios 1.15.2 does so.
# What happens: the part after the question mark is taken apart into an object, with one value for each name, and built anew. On the
#   way a plus that stands for a space becomes a real plus.
# Seen: ?properties=email&properties=phone&limit=100 is called as ?properties=phone&limit=100, ?query=jo+doe as ?query=jo%2Bdoe. In
#   params, as a list, both are sent, as properties%5B%5D=.
# Why it matters: HubSpot takes properties once for each name. The answer is a success and looks complete, only the values are
#   missing, and a sync that copies what it got clears them. paging.next.link is such an address, so the second page has less than
#   the first. Join the names by commas.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts @pipedream/platform@3.4.0 axios@1.15.2
cat > run.mjs <<'JS'
import http from 'node:http'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const pipedream = require('@pipedream/platform').axios
const plain = require('axios').default
const called = []
const server = http.createServer((request, response) => {
  called.push(request.url)
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"results":[]}')
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const base = `http://127.0.0.1:${server.address().port}`
for (const path of ['/contacts?properties=email&properties=phone&limit=100', '/contacts?query=jo+doe']) {
  await plain({ url: base + path })
  await pipedream({}, { url: base + path })
}
await pipedream({}, { url: `${base}/contacts`, params: { properties: ['email', 'phone'] } })
server.close()
for (const address of called) console.log(address)
const expected = [
  '/contacts?properties=email&properties=phone&limit=100',
  '/contacts?properties=phone&limit=100',
  '/contacts?query=jo+doe',
  '/contacts?query=jo%2Bdoe',
  '/contacts?properties%5B%5D=email&properties%5B%5D=phone',
]
const holds = called.join() === expected.join()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
