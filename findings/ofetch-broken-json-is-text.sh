#!/usr/bin/env bash
# ofetch 1.5.1 (behind Nuxt's $fetch): an answer that is no JSON, or is cut off, resolves as a string.
#
# Guess: a 200 labelled application/json whose body does not parse rejects, as response.json() does.
# What happens: the text itself is given back. An empty body is the empty string. parseResponse: JSON.parse rejects.
# Seen: '{"results":[{"id":"1"}' labelled JSON resolves with that string; an HTML page resolves with the page; an empty body
#   with ''. fetch().json() rejects each with SyntaxError.
# Why it matters: `const { results = [] } = await $fetch(…)` is an empty list, with no error: a proxy's page or a broken
#   answer from HubSpot looks as if there were no contacts, and a sync may take them for deleted.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts ofetch@1.5.1
cat > run.mjs <<'JS'
import http from 'node:http'
import { ofetch } from 'ofetch'

let answer
const server = http.createServer((request, response) => response.writeHead(200, { 'content-type': answer[0] }).end(answer[1]))
await new Promise((done) => server.listen(0, done))
const url = `http://127.0.0.1:${server.address().port}/`
const fails = (promise) => promise.then(() => false, () => true)
let holds = true
for (answer of [
  ['application/json', '{"results":[{"id":"1"}'],
  ['text/html', '<p>Please sign in</p>'],
  ['application/json', ''],
]) {
  const value = await ofetch(url)
  const { results = [] } = value
  const plain = await fails(fetch(url).then((response) => response.json()))
  const strict = await fails(ofetch(url, { parseResponse: JSON.parse }))
  console.log(`${answer[0]}, ${answer[1].length} bytes: ofetch gives ${typeof value} ${JSON.stringify(value)}, results ${results.length}; fetch().json() rejects: ${plain}`)
  holds &&= value === answer[1] && results.length === 0 && plain && strict
}
server.close()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
