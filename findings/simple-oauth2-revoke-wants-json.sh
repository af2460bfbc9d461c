#!/usr/bin/env bash
# simple-oauth2 5.1.0: revoke() rejects a revocation that worked, unless the answer says it is JSON.
#
# Guess: RFC 7009 has 200 for success and tells clients to ignore the body; so revoke() resolves on 200, with any body or none.
# What happens: the answer is read as JSON, strictly. Without a JSON content type it rejects, although the server has revoked.
# Seen: 200 without a body and 200 with text/plain reject with "The content-type is not JSON compatible"; 200 with
#   application/json and no body resolves. 204 without a body rejects too. The server took the token each time.
# Why it matters: a disconnect that treats the rejection as failure keeps a dead token and tries again, or tells the user that
#   the account is still connected. HubSpot documents no body for its revocation endpoint.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts simple-oauth2@5.1.0
cat > run.mjs <<'JS'
import http from 'node:http'
import { createRequire } from 'node:module'

const { AuthorizationCode } = createRequire(import.meta.url)('simple-oauth2')
let answer
let revoked = 0
const server = http.createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  if (new URLSearchParams(body).get('token') === 'refresh') revoked += 1
  response.writeHead(answer.status, answer.headers).end(answer.body)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const client = new AuthorizationCode({
  client: { id: 'id', secret: 'secret' },
  auth: { tokenHost: `http://127.0.0.1:${server.address().port}`, revokePath: '/revoke' },
})
async function revoke(given) {
  answer = given
  const token = client.createToken({ access_token: 'access', refresh_token: 'refresh', expires_in: 1800 })
  const outcome = await token.revoke('refresh_token').then(() => 'resolves', (error) => `rejects: ${error.message}`)
  console.log(`${given.status} ${JSON.stringify(given.headers)}: ${outcome}`)
  return outcome
}
const seen = [
  await revoke({ status: 200, headers: {} }),
  await revoke({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' }),
  await revoke({ status: 204, headers: {} }),
  await revoke({ status: 200, headers: { 'content-type': 'application/json' } }),
]
server.close()
const rejected = 'rejects: The content-type is not JSON compatible'
const holds = revoked === 4 && seen.join() === [rejected, rejected, rejected, 'resolves'].join()
console.log(`revoked at the server: ${revoked} of 4`)
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
