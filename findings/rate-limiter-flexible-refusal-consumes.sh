#!/usr/bin/env bash
# rate-limiter-flexible 11.4.0: a refused request takes what was left.
#
# Guess: if 1 point is left and a request for 2 is refused, the 1 is still there for the next request.
# What happens: points are counted first and compared after. The refused 2 stay counted, so nothing is left, and each further
#   refusal pushes the count up. The time until the window ends is not prolonged.
# Seen: 10 points: consume 9 passes; consume 2 is refused with consumedPoints 11; consume 1, which would have fitted, is
#   refused with 12.
# Why it matters: with weights (a batch costs more than a read) one large request that does not fit starves all small ones
#   until the window ends. A HubSpot budget that is never used up looks used up. Ask get() before a large consume.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts rate-limiter-flexible@11.4.0
cat > run.mjs <<'JS'
import { RateLimiterMemory } from 'rate-limiter-flexible'

const limiter = new RateLimiterMemory({ points: 10, duration: 60 })
const seen = []
for (const points of [9, 2, 1]) {
  const word = await limiter.consume('account', points).then(
    ({ remainingPoints }) => `passes, ${remainingPoints} left`,
    ({ consumedPoints }) => `refused, ${consumedPoints} consumed`,
  )
  seen.push(word)
  console.log(`consume ${points}: ${word}`)
}
const holds = seen.join('; ') === 'passes, 1 left; refused, 11 consumed; refused, 12 consumed'
console.log(holds ? 'finding holds' : 'finding no longer holds')
process.exit(holds ? 0 : 1)
JS
node run.mjs
