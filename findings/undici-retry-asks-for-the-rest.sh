#!/usr/bin/env bash
# undici 7.30.2: RetryAgent cannot repeat an API answer that breaks off in the middle.
#
# Guess: a GET whose connection is lost is sent again, and the caller gets the second, whole answer.
# What happens: once the body has begun, the agent asks for the rest with a Range header, as for a download. A server that
#   answers the whole thing with 200, as APIs do, ends the request with an error.
# Seen: JSON cut after 5000 bytes: the second request carries "bytes=5000-…", the server answers 200 with everything, and the
#   caller gets RequestRetryError UND_ERR_REQ_RETRY. Cut before the first byte: repeated, fine.
# Why it matters: large pages of contacts are the ones that break off. The agent tests well against a server that is down, and
#   does not help there. Repeat the whole call outside.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts undici@7.30.2
cat > run.mjs <<'JS'
import http from 'node:http'
import { Agent, request, RetryAgent } from 'undici'

const body = JSON.stringify({ results: Array.from({ length: 1000 }, (_, i) => ({ id: String(i) })) })
async function attempt(bytes) {
  const ranges = []
  const server = http.createServer((incoming, response) => {
    ranges.push(incoming.headers.range ?? 'none')
    if (ranges.length > 1) return response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    if (bytes === 0) return response.destroy()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.write(body.slice(0, bytes), () => setTimeout(() => response.destroy(), 50))
  })
  await new Promise((done) => server.listen(0, done))
  const dispatcher = new RetryAgent(new Agent(), { minTimeout: 10 })
  const result = await request(`http://127.0.0.1:${server.address().port}/`, { dispatcher })
    .then((answer) => answer.body.json())
    .then((value) => `${value.results.length} results`, (error) => `${error.name} ${error.code}`)
  server.close()
  server.closeAllConnections()
  console.log(`cut after ${bytes} bytes: ranges asked: ${ranges.join(', ')}; ${result}`)
  return { result, range: ranges[1] }
}
const before = await attempt(0)
const middle = await attempt(5000)
const holds =
  before.result === '1000 results' && before.range === 'none' &&
  middle.result === 'RequestRetryError UND_ERR_REQ_RETRY' && middle.range.startsWith('bytes=5000-')
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
