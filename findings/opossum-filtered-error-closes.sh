#!/usr/bin/env bash
# opossum 9.0.0: an error that errorFilter lets pass closes a half-open circuit.
#
# Guess: errorFilter makes an error neutral: it does not count as a failure, and says nothing about health.
# What happens: it counts as a success. The circuit closes on it and emits 'success', while the caller gets the error.
# Seen: the service is down, the circuit opens. The trial call is answered 429, which errorFilter lets pass: the events are
#   halfOpen, close, success; the promise rejects with the 429.
# Why it matters: the usual filter lets 4xx pass, "our fault". A HubSpot account that answers nothing but 429 or 401 then
#   closes the circuit again and again, and full traffic goes out after every trial. Do not filter 429.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts opossum@9.0.0
cat > run.mjs <<'JS'
import CircuitBreaker from 'opossum'

const failure = (status) => Object.assign(new Error(`status ${status}`), { status })
let status = 503
const circuit = new CircuitBreaker(async () => { throw failure(status) }, {
  errorFilter: (error) => error.status < 500,
  resetTimeout: 100,
  volumeThreshold: 1,
})
const events = []
for (const name of ['open', 'halfOpen', 'close', 'success']) circuit.on(name, () => events.push(name))
await circuit.fire().catch(() => {})
await new Promise((done) => setTimeout(done, 300))
status = 429
const caller = await circuit.fire().then(() => 'resolved', (error) => `rejected with ${error.status}`)
console.log(`events: ${events.join(', ')}; the caller's promise ${caller}; closed: ${circuit.closed}`)
const holds = events.join() === 'open,halfOpen,close,success' && caller === 'rejected with 429' && circuit.closed
circuit.shutdown()
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
