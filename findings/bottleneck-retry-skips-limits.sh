#!/usr/bin/env bash
# bottleneck 2.19.5: a retry of a failed job skips the limits, and its wait blocks the queue.
#
# Guess: when the 'failed' handler returns a number, the job goes back to the queue: it takes a place again when it runs,
#   counts against reservoir and minTime again, and others run while it waits.
# What happens: the job keeps its place and is called again after the wait, outside of minTime and reservoir.
# Seen: minTime 300 ms and a reservoir of 2: one job with 3 retries runs 4 times within 50 ms, and the reservoir shows 1
#   left. With maxConcurrent 1 and a retry after 500 ms, the job behind it waits those 500 ms too.
# Why it matters: this is how one waits out HubSpot's 429. The retries are the very calls that are not counted, so the
#   limiter lets more through than HubSpot allows just when HubSpot complains, and one refused call holds all others up.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts bottleneck@2.19.5
cat > run.mjs <<'JS'
import Bottleneck from 'bottleneck'

const start = Date.now()
const runs = []
const limited = new Bottleneck({ minTime: 300, reservoir: 2 })
limited.on('failed', (error, info) => (info.retryCount < 3 ? 0 : undefined))
await limited.schedule(async () => {
  runs.push(Date.now() - start)
  throw new Error('429')
}).catch(() => {})
const left = await limited.currentReservoir()
const span = runs.at(-1) - runs[0]
console.log(`runs ${runs.length} within ${span} ms at minTime 300; reservoir 2, left ${left}`)

const single = new Bottleneck({ maxConcurrent: 1 })
single.on('failed', (error, info) => (info.retryCount === 0 ? 500 : undefined))
const order = []
let tries = 0
const begin = Date.now()
await Promise.all([
  single.schedule(async () => {
    order.push('refused')
    if (tries++ === 0) throw new Error('429')
  }),
  single.schedule(async () => order.push(Date.now() - begin)),
])
console.log(`the job behind it ran after ${order[2]} ms, in the order ${order.slice(0, 2).join(', ')}, other`)
const holds = runs.length === 4 && span < 300 && left === 1 && order[1] === 'refused' && order[2] >= 490
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
