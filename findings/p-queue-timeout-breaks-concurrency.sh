#!/usr/bin/env bash
# p-queue 9.3.5: with a timeout, concurrency 1 runs three tasks at once.
#
# Guess: a task that is over time rejects, and its place is free when it has really ended; concurrency stays true.
# What happens: the place is free as soon as the promise rejects. The task goes on, and the next one starts beside it.
# Seen: concurrency 1, timeout 100 ms, three tasks of 400 ms: three run at the same time.
# Why it matters: a slow HubSpot is when timeouts strike, and then the queue sends more at once, not less. Two writes to the
#   same contact overlap. Give each task an AbortSignal and end it yourself; then the place is freed with the call.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts p-queue@9.3.5
cat > run.mjs <<'JS'
import PQueue from 'p-queue'

const most = async (options, task) => {
  const queue = new PQueue({ concurrency: 1, ...options })
  let running = 0
  let peak = 0
  const one = async () => {
    peak = Math.max(peak, ++running)
    await task().catch(() => {})
    running--
  }
  await Promise.allSettled([one, one, one].map((job) => queue.add(job)))
  return peak
}
const wait = (signal) =>
  new Promise((done, fail) => {
    setTimeout(done, 400)
    signal?.addEventListener('abort', () => fail(signal.reason))
  })
const withTimeout = await most({ timeout: 100 }, () => wait())
const withSignal = await most({}, () => wait(AbortSignal.timeout(100)))
console.log(`running at once with concurrency 1: ${withTimeout} with the queue's timeout, ${withSignal} with a signal in the task`)
const holds = withTimeout === 3 && withSignal === 1
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
