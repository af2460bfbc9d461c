#!/usr/bin/env bash
# @hubspot/api-client 13.5.0: whether a 429 is retried depends on the words in its body, not on Retry-After.
#
# Guess: with numberOfApiCallRetries set, every 429 is tried again after the seconds that Retry-After names.
# What happens: only two bodies are retried: policyName TEN_SECONDLY_ROLLING, and the message "You have reached your
#   secondly limit." to the letter. Retry-After is never read. The waits are fixed: 10 s and 1 s, times the attempt.
# Seen: 429 with Retry-After: 1 and no policyName: one attempt, error at once. 429 TEN_SECONDLY_ROLLING with
#   Retry-After: 1: the second attempt comes after 10 s.
# Why it matters: a 429 that another layer in front of HubSpot's API answers fails the sync, while an ordinary one waits
#   ten times longer than HubSpot asks for. Read Retry-After yourself.
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
async function attempt(body) {
  const calls = []
  const server = http.createServer((request, response) => {
    calls.push(Date.now())
    const headers = { 'content-type': 'application/json', 'retry-after': '1' }
    response.writeHead(calls.length === 1 ? 429 : 200, headers).end(JSON.stringify(calls.length === 1 ? body : { results: [] }))
  })
  await new Promise((done) => server.listen(0, done))
  const client = new Client({ basePath: `http://127.0.0.1:${server.address().port}`, accessToken: 'a', numberOfApiCallRetries: 3 })
  const code = await client.crm.contacts.basicApi.getPage().then(() => 200, (error) => error.code)
  server.close()
  return { code, calls: calls.length, waited: calls.length > 1 ? calls[1] - calls[0] : 0 }
}

const [plain, policy] = await Promise.all([
  attempt({ status: 'error', message: 'Too many requests', errorType: 'RATE_LIMIT' }),
  attempt({ status: 'error', errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' }),
])
console.log(`without policyName ${plain.calls} attempt, ends with ${plain.code}; TEN_SECONDLY_ROLLING waits ${policy.waited} ms`)
const holds = plain.calls === 1 && plain.code === 429 && policy.waited >= 9_900 && policy.code === 200
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
